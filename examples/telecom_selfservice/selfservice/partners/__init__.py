"""Companies outside: one module each."""
