"""``python -m sparewatt`` is the command ``sparewatt``."""

from __future__ import annotations

from sparewatt.faces.cli import main

if __name__ == "__main__":
    main()
