"""An OpenDSS engine of its own that leaves the process as it is."""

from __future__ import annotations

from typing import Any


def new_context() -> Any:  # noqa: ANN401 - untyped
    """A context of OpenDSS in which no circuit, option or folder of the process changes.

    A new context would take the process back to the folder in which the library was loaded, unless the
    first one of the process is told not to.
    """
    import opendssdirect  # noqa: PLC0415 - heavy, and only needed where DSS files are read

    opendssdirect.dss.Basic.AllowChangeDir(False)
    engine = opendssdirect.dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    return engine
