"""What pi-lint knows: words of names and checks, libraries, codes; all of it read from `rules/`."""
