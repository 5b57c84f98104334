"""`python -m cielr` is the command `cielr`."""

import sys

from .cli.main import main

if __name__ == "__main__":
    sys.exit(main())
