"""Compiled kernels are compiled anew when a kernel that they call has changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sparewatt
from sparewatt import kernel as kernels

SOURCE = Path(sparewatt.__file__).parent
INNER = "from sparewatt.kernel import kernel\n\n@kernel()\ndef inner(x):\n    return x + {}\n"
OUTER = """from sparewatt.kernel import kernel
from sparewatt.inner import inner

@kernel()
def outer(x):
    return inner(x) * 2.0
"""
ASK = "from sparewatt.outer import outer; print(outer(1.0), sum(outer.stats.cache_hits.values()))"


def answer(root: Path) -> list[str]:
    """What a new process says: the value, and how many compiled forms it found kept."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
    )
    return done.stdout.split()


def test_a_changed_inner_kernel_is_not_served_from_the_cache_of_the_outer_one(tmp_path):
    package = tmp_path / "sparewatt"
    package.mkdir()
    (package / "__init__.py").write_text("")
    shutil.copy(SOURCE / "kernel.py", package / "kernel.py")
    (package / "outer.py").write_text(OUTER)
    (package / "inner.py").write_text(INNER.format("1.0"))
    assert answer(tmp_path) == ["4.0", "0"]
    assert answer(tmp_path) == ["4.0", "1"]  # kept
    (package / "inner.py").write_text(INNER.format("2.0"))
    assert answer(tmp_path) == ["6.0", "0"]  # numba alone says 4.0 from the cache


def test_every_kernel_of_the_package_goes_through_the_one_decorator():
    odd = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "njit" in path.read_text() and path.name != "kernel.py"
    ]
    assert odd == []


def test_the_stamp_covers_the_files_with_kernels():
    assert len(kernels.source_stamp()) == 64


@pytest.mark.parametrize("name", ["kernel.py", "decide/rules/cluster_kernels.py"])
def test_files_with_kernels_carry_the_mark_that_the_stamp_looks_for(name):
    assert "from sparewatt.kernel import kernel" in (SOURCE / name).read_text()
