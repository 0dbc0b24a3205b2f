"""An OpenDSS engine of its own that leaves the process as it is."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

_ONE_AT_A_TIME = threading.Lock()


def new_context() -> Any:  # noqa: ANN401 - untyped
    """A context of OpenDSS in which no circuit, option or folder of the process changes.

    A new context would take the process back to the folder in which the library was loaded, unless the
    first one of the process is told not to. Contexts are made by one thread at a time: a server reads
    networks in several, and the first context is shared by all of them.
    """
    with _ONE_AT_A_TIME:
        engine = _first_context().NewContext()
        engine.Basic.AllowChangeDir(False)
    return engine


@cache
def _first_context() -> Any:  # noqa: ANN401 - untyped
    """The context of the process, told once to leave its folder alone."""
    import opendssdirect  # noqa: PLC0415 - heavy, and only needed where DSS files are read

    opendssdirect.dss.Basic.AllowChangeDir(False)
    return opendssdirect.dss
