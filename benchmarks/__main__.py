"""Run benchmarks: ``python -m benchmarks [--quick] [--list] [NAME ...]`` from the repository root."""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Read by libraries when they are imported, which no file here does before its benchmark is run.
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
FOLDER = Path(__file__).resolve().parent
# A benchmark that has its own command line instead of ``main(quick)``: name, summary, arguments of a
# quick and of a whole run.
OWN_COMMAND_LINE: dict[str, tuple[str, str, list[str], list[str]]] = {
    "store": ("store", "1.75 million rows written and read on SQLite and PostgreSQL", ["--days", "14"], []),
}


@dataclass(frozen=True)
class Benchmark:
    """A file of this folder that says what it measures.

    Parameters
    ----------
    name, summary
        ``NAME`` and ``SUMMARY`` of the file.
    module
        Its module.
    arguments
        Arguments of a quick and of a whole run where the file has a command line of its own.
    """

    name: str
    summary: str
    module: str
    arguments: tuple[list[str], list[str]] | None = None

    def run(self, *, quick: bool) -> None:
        """Run it; it prints what it finds."""
        main = importlib.import_module(self.module).main
        if self.arguments is None:
            main(quick=quick)
        else:
            main(self.arguments[0 if quick else 1])


def find_benchmarks() -> list[Benchmark]:
    """All benchmarks of this folder, read without importing them: files with ``NAME`` and ``SUMMARY``."""
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        module = f"benchmarks.{path.stem}"
        texts = _texts(path)
        if {"NAME", "SUMMARY"} <= texts.keys():
            found.append(Benchmark(texts["NAME"], texts["SUMMARY"], module))
        elif path.stem in OWN_COMMAND_LINE:
            name, summary, quick, whole = OWN_COMMAND_LINE[path.stem]
            found.append(Benchmark(name, summary, module, (quick, whole)))
    return found


def _texts(path: Path) -> dict[str, str]:
    """Constants of a module that are texts."""
    texts: dict[str, str] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            value = node.value.value
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            texts |= dict.fromkeys(names, value) if isinstance(value, str) else {}
    return texts


def run_benchmarks(names: Sequence[str] = (), *, quick: bool = False) -> int:
    """Run some benchmarks, or all; one that fails does not stop the others.

    Parameters
    ----------
    names
        ``NAME`` of each; none = all.
    quick
        A smoke test instead of a measurement.

    Returns
    -------
    0, or 1 where one failed, or 2 where a name is unknown.
    """
    if str(FOLDER.parent) not in sys.path:
        sys.path.insert(0, str(FOLDER.parent))
    known = {b.name: b for b in find_benchmarks()}
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for variable in ONE_THREAD:
        os.environ.setdefault(variable, "1")
    print(_machine())
    failed = []
    for name in names or known:
        benchmark = known[name]
        print(f"\n=== {name}: {benchmark.summary}{' (quick)' if quick else ''}\n", flush=True)
        started = time.perf_counter()
        try:
            benchmark.run(quick=quick)
        except Exception as error:  # noqa: BLE001 - reported, and the others go on
            failed.append(name)
            print(f"{name} failed: {type(error).__name__}: {error}", file=sys.stderr)
        print(f"\n{name}: {time.perf_counter() - started:.0f} s in all", flush=True)
    return 1 if failed else 0


def _machine() -> str:
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"Python {platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores{load}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; none = all")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that they work")
    parser.add_argument("--list", action="store_true", help="list them")
    wanted = parser.parse_args(arguments)
    if wanted.list:
        for benchmark in find_benchmarks():
            print(f"{benchmark.name:<16}{benchmark.summary}")
        return 0
    return run_benchmarks(wanted.names, quick=wanted.quick)


if __name__ == "__main__":
    sys.exit(main())
