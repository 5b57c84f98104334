"""What `import cielr` and the command line cost, beside a bare interpreter and `import numpy`."""

from __future__ import annotations

import sys

from _measure import process, table


def main() -> None:
    programs = {
        "python -c pass": "pass",
        "import numpy": "import numpy",
        "import cielr": "import cielr",
        "cielr, all names": "import cielr; [getattr(cielr, n) for n in cielr.__all__]",
        "cielr --help": "import sys; sys.argv = ['cielr', '--help']; from cielr.cli.main import main; main()",
    }
    measured = {name: min(process(sys.executable, "-c", code) for _ in range(5)) for name, code in programs.items()}
    bare = measured["python -c pass"][0]
    rows = [
        (name, f"{took:.3f} s", f"{took - bare:+.3f} s", f"{peak:.0f} MB") for name, (took, peak) in measured.items()
    ]
    table("Start", ("program", "whole process", "above bare python", "peak"), rows)
    loaded = "import cielr, sys; sys.exit(any(n in sys.modules for n in ('torch', 'scipy', 'skimage', 'typer')))"
    process(sys.executable, "-c", loaded)
    print("\n  `import cielr` loads no torch, scipy, scikit-image or typer.")


if __name__ == "__main__":
    main()
