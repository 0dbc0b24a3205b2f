"""A small network as OpenDSS files, whole or with one thing wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import opendssdirect

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FILES = {
    "Master.dss": """Clear
Set DefaultBaseFrequency=50
New circuit.Little
Edit Vsource.Source BasekV=11 pu=1.02 ISC3=3000  ISC1=2500
Redirect codes.txt
Redirect lines.txt  ! in metres
New Transformer.TR1 Buses=[SourceBus Bar] Conns=[Delta Wye] kVs=[11 0.416] kVAs=[500 500]
~ XHL=4 %Rs=[0.6 0.5]
Redirect loads.txt
Set voltagebases=[11 .416]
Calcvoltagebases
Buscoords places.csv
Solve
""",
    "codes.txt": """\
New LineCode.main nphases=3 R1=0.164 X1=0.074 R0=0.656 X0=0.07 C1=0 C0=0 Units=km Normamps=300
New LineCode.service nphases=3 R1=0.868 X1=0.085 R0=0.9 X0=0.085 C1=0 C0=0 Units=km Normamps=100
""",
    "lines.txt": """// mains first
New Line.M1 Bus1=Bar Bus2=a phases=3 Linecode=main Length=80 Units=m
New Line.M2 Bus1=a Bus2=b phases=3 Linecode=main Length=60 Units=m
New Line.N1 Bus1=Bar Bus2=d phases=3 Linecode=main Length=40 Units=m
New Line.S1 Bus1=a Bus2=h1 phases=3 Linecode=service Length=10 Units=m
New Line.S2 Bus1=b Bus2=h2 phases=3 Linecode=service Length=12 Units=m
New Line.S3 Bus1=d Bus2=h3 phases=3 Linecode=service Length=0.015 Units=km
""",
    "loads.txt": """New Load.L1 Phases=1 Bus1=h1.1 kV=0.23 kW=3 PF=0.95
New Load.L2 Phases=1 Bus1=h2.2 kV=0.23 kW=2 PF=0.95
New Load.L3 Phases=1 Bus1=h3.3 kV=0.23 kW=1 PF=0.95
New Load.L4 Phases=3 Bus1=d kV=0.4 kW=6 PF=0.95
""",
    "places.csv": "bar,0,0\na,80,0\nb,140,0\nd,0,40\nh1,80,10\nh2,140,12\nh3,15,40\n",
}


def write_little_network(folder: Path, **changes: tuple[str, str] | str) -> Path:
    """The files in a folder; a change is a whole content, or a text and what stands there instead.

    Names of files are written with ``_`` for ``.``: ``lines_txt=("Length=80", "Length=0")``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = dict(FILES)
    for key, change in changes.items():
        name = key.replace("_", ".")
        if isinstance(change, str):
            files[name] = change
        else:
            old, new = change
            if old not in files[name]:
                raise ValueError(f"{old!r} does not stand in {name}")
            files[name] = files[name].replace(old, new)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def compile_circuit(folder: Path) -> Any:
    """The folder in an engine of its own, as OpenDSS itself reads and solves it; the working folder stays."""
    here = os.getcwd()  # noqa: PTH109 - what the engine changes
    engine = opendssdirect.dss.NewContext()
    try:
        engine.Text.Command(f'redirect "{folder / "Master.dss"}"')
        engine.Text.Command("solve")
    finally:
        os.chdir(here)
    return engine


def y_prim(engine: Any, element: str) -> NDArray[np.complex128]:
    """Primitive admittance matrix of an element [S]."""
    engine.Circuit.SetActiveElement(element)
    flat = np.array(engine.CktElement.YPrim())
    size = int(np.sqrt(len(flat) // 2))
    return (flat[::2] + 1j * flat[1::2]).reshape(size, size)
