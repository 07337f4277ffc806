"""Makes `tests/` importable, for the helpers in `support/`."""
