"""`bench`: the benchmarks of a source checkout."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

from sparewatt.errors import SparewattError


def bench(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One benchmark; left out: all.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes, as a smoke test.")] = False,  # noqa: FBT002 - typer's form
) -> None:
    """Run the benchmarks of a source checkout; each prints ratios against its peer in the same run."""
    if not Path("benchmarks/__main__.py").is_file():
        raise SparewattError("There are no benchmarks here; run `sparewatt bench` in a source checkout.")
    arguments = [*([name] if name else []), *(["--quick"] if quick else [])]
    before, sys.argv = sys.argv, ["benchmarks", *arguments]
    sys.path.insert(0, str(Path.cwd()))
    try:
        runpy.run_module("benchmarks", run_name="__main__")
    finally:
        sys.argv = before
        sys.path.pop(0)
