"""Makes builders (`support`) and hypothesis strategies (`properties`) importable from every test."""

from __future__ import annotations

import sys
from pathlib import Path

if str(Path(__file__).parent) not in sys.path:
    sys.path.append(str(Path(__file__).parent))
