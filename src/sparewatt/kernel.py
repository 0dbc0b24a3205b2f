"""Kernels: functions compiled by numba, whose compiled form is kept until any kernel's source changes.

Numba keeps a compiled function for as long as the file of that function stays the same, although other
kernels are compiled into it; after an upgrade old code of those would still run. Here the stamp of the
kept form covers every file with a kernel in this package.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = b"from sparewatt.kernel import kernel"
_Function = TypeVar("_Function", bound="Callable[..., object]")


def kernel(**options: Any) -> Callable[[_Function], _Function]:  # noqa: ANN401 - numba's own options
    """Compile a function in no-python mode, without the interpreter's lock, and keep the compiled form.

    Parameters
    ----------
    **options
        Further options of ``numba.njit``, e.g. ``error_model="numpy"``.
    """

    def compiled(function: _Function) -> _Function:
        dispatcher = njit(cache=True, nogil=True, **options)(function)
        # A cache that was disabled (NUMBA_DISABLE_JIT, no place to write) has no file to stamp.
        file = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
        if file is not None:
            file._source_stamp = source_stamp()  # noqa: SLF001 - numba has no public way
        return dispatcher  # type: ignore[no-any-return]

    return compiled


@cache
def source_stamp() -> str:
    """Fingerprint of all files of this package that hold a kernel."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        text = path.read_bytes()
        if _MARK in text:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + text + b"\0")
    return digest.hexdigest()
