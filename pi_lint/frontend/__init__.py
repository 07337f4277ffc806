"""From the bytes of files to the intermediate representation."""
