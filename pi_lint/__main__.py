"""`python -m pi_lint` is the same as `pi-lint`."""

from __future__ import annotations

import sys

from pi_lint.cli import main

if __name__ == "__main__":
    sys.exit(main())
