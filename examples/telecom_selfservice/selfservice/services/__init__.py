"""What the application does, whoever asks for it: the web, a job or the command line."""
