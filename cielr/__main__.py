"""`python -m cielr` is the command `cielr`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
