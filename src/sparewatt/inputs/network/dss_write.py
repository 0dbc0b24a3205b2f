"""Networks to OpenDSS folders, which OpenDSS solves and `read_dss_network` reads back as they were."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.errors import InputError
from sparewatt.finding import Finding
from sparewatt.model.network import ALL_PHASES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.model.network import Network, Transformer

_NAME = re.compile(r"[^\s.,=\"'()\[\]{}!@|\\/~]+")
_LEADLAG = {1: "Lag", 11: "Lead"}
UNLIMITED_A = 1e9
"""What is written where a branch has no rating; so much and more is read as none [A]."""

_DIGITS = 12


def write_dss_network(network: Network, folder: Path) -> None:
    """Write ``Master.dss`` and the files that it reads.

    Parameters
    ----------
    network
        Of vector group Dyn1 or Dyn11, with names that DSS files can hold.
    folder
        Made where it is not there; files in it are written over.

    Raises
    ------
    InputError
        Where OpenDSS has no words for the network.
    """
    _check(network)
    folder.mkdir(parents=True, exist_ok=True)
    codes, lines = _lines(network)
    files = {
        "Master.dss": _master(network),
        "LineCodes.txt": codes,
        "Lines.txt": lines,
        "Loads.txt": _loads(network),
        "Generators.txt": _generators(network),
        "Coordinates.csv": _coordinates(network),
    }
    for name, content in files.items():
        (folder / name).write_text("".join(f"{line}\n" for line in content), encoding="utf-8")


def _check(network: Network) -> None:
    findings = []
    clock = network.transformer.clock
    if clock not in _LEADLAG:
        message = f"OpenDSS files say Dyn1 or Dyn11, not Dyn{clock}"
        where = f"transformer {network.transformer.id}"
        findings.append(Finding("network.write.clock", "error", where, message, str(clock)))
    kinds = {
        "transformer": (network.transformer.id,),
        "node": network.nodes.ids,
        "branch": network.branches.ids,
        "load": network.loads.ids,
        "generator": network.generators.ids,
    }
    for kind, ids in kinds.items():
        bad = [i for i in ids if not _NAME.fullmatch(i)]
        if bad:
            message = f"{len(bad)} names hold signs that DSS files cannot hold, the first is {bad[0]!r}"
            findings.append(
                Finding("network.write.name", "error", f"{kind}s", message, bad[0], "letters and digits")
            )
    if np.abs(network.branches.shunt_s.real).max(initial=0.0) > 0.0:
        message = "branches have shunt conductance, and lines of OpenDSS have capacitance alone"
        findings.append(Finding("network.write.shunt", "error", "branches", message))
    if findings:
        raise InputError(findings)


def _master(network: Network) -> list[str]:
    source, busbar = network.source, network.nodes.ids[network.busbar]
    title = re.sub(r"\W+", "_", network.name, flags=re.ASCII) or "network"
    bases = f"{_text(network.transformer.hv_kv)} {_text(network.transformer.lv_kv)}"
    pu, z1, z0 = _text(source.voltage_pu), _pair(source.z1_ohm), _pair(source.z0_ohm)
    return [
        "Clear",
        f"Set DefaultBaseFrequency={_text(network.frequency_hz)}",
        f"New Circuit.{title} Bus1=SourceBus BasekV={_text(source.base_kv)} pu={pu} Z1={z1} Z0={z0}",
        "Redirect LineCodes.txt",
        "Redirect Lines.txt",
        *_transformer(network.transformer, busbar),
        "Redirect Loads.txt",
        "Redirect Generators.txt",
        f"Set VoltageBases=[{bases}]",
        "CalcVoltageBases",
        "Buscoords Coordinates.csv",
    ]


def _transformer(transformer: Transformer, busbar: str) -> list[str]:
    bus = f"{busbar}.1.2.3.4" if transformer.neutral_ohm else busbar
    half_r, rating = _text(transformer.r_pu * 50.0), _text(transformer.rating_kva)
    kvs = f"{_text(transformer.hv_kv)} {_text(transformer.lv_kv)}"
    losses = transformer.magnetising_s * transformer.lv_kv**2 / transformer.rating_kva * 1e5
    no_load = f"%NoLoadLoss={_text(losses.real)} %Imag={_text(-losses.imag)}"
    taps, lead = f"Taps=[{_text(transformer.tap_pu)} 1]", _LEADLAG[transformer.clock]
    lines = [
        f"New Transformer.{transformer.id} Phases=3 Windings=2 Buses=[SourceBus {bus}] Conns=[Delta Wye]",
        f"~ kVs=[{kvs}] kVAs=[{rating} {rating}] XHL={_text(transformer.x_pu * 100.0)}",
        f"~ %Rs=[{half_r} {half_r}] {taps} {no_load} LeadLag={lead}",
    ]
    if transformer.neutral_ohm:
        z = transformer.neutral_ohm
        lines.append(f"~ Wdg=2 Rneut={_text(z.real)} Xneut={_text(z.imag)}")
    return lines


def _lines(network: Network) -> tuple[list[str], list[str]]:
    """Line codes, one for all branches with the same values per km and the same rating; and lines."""
    branches, nodes = network.branches, network.nodes.ids
    codes: dict[tuple[str, str, str, str], str] = {}
    lines = []
    farad = 1.0 / (2.0 * np.pi * network.frequency_hz)
    for row, name in enumerate(branches.ids):
        length_m = float(branches.length_m[row])
        per_km = 1000.0 / length_m
        z, c = branches.z_ohm[row] * per_km, branches.shunt_s[row].imag * farad * 1e9 * per_km
        amps = _text(min(float(branches.ampacity_a[row]), UNLIMITED_A))
        code = codes.setdefault(
            (_matrix(z.real), _matrix(z.imag), _matrix(c), amps), f"code_{len(codes) + 1}"
        )
        ends = f"Bus1={nodes[branches.from_node[row]]} Bus2={nodes[branches.to_node[row]]}"
        lines.append(f"New Line.{name} {ends} Phases=3 LineCode={code} Length={_text(length_m)} Units=m")
    return [_code(name, *values) for values, name in codes.items()], lines


def _code(name: str, r: str, x: str, c: str, amps: str) -> str:
    return (
        f"New LineCode.{name} NPhases=3 Units=km RMatrix=[{r}] XMatrix=[{x}] CMatrix=[{c}]"
        f" NormAmps={amps} EmergAmps={amps}"
    )


def _loads(network: Network) -> list[str]:
    """Loads at the voltage base of the network, at any voltage what they say."""
    loads, nodes = network.loads, network.nodes.ids
    lines = []
    for row, name in enumerate(loads.ids):
        phase, share = int(loads.phase[row]), [float(s) for s in loads.zip_share[row]]
        kv = network.transformer.lv_kv / (1.0 if phase == ALL_PHASES else np.sqrt(3.0))
        model = "Model=1"
        if share != [0.0, 0.0, 1.0]:
            z, i, p = (_text(s) for s in share)
            model = f"Model=8 ZIPV=[{z} {i} {p} {z} {i} {p} 0]"
        power = f"kV={_text(kv)} kW={_text(loads.kw[row])} kvar={_text(loads.kvar[row])}"
        place = _place(nodes[loads.node[row]], phase)
        lines.append(f"New Load.{name} {place} {power} {model} Vminpu=0.5 Vmaxpu=1.5")
    return lines


def _generators(network: Network) -> list[str]:
    generators, nodes = network.generators, network.nodes.ids
    kv = network.transformer.lv_kv
    return [
        f"New Generator.{name} {_place(nodes[node], phase)}"
        f" kV={_text(kv if phase == ALL_PHASES else kv / np.sqrt(3.0))} kW=0 PF=1"
        for name, node, phase in zip(
            generators.ids, generators.node.tolist(), generators.phase.tolist(), strict=True
        )
    ]


def _place(bus: str, phase: int) -> str:
    return f"Phases=3 Bus1={bus}" if phase == ALL_PHASES else f"Phases=1 Bus1={bus}.{phase + 1}"


def _coordinates(network: Network) -> list[str]:
    nodes = network.nodes
    rows = np.flatnonzero(nodes.has_place).tolist()
    return ["Node,X,Y", *(f"{nodes.ids[n]},{_text(nodes.x[n])},{_text(nodes.y[n])}" for n in rows)]


def _matrix(values: NDArray[np.float64]) -> str:
    return " | ".join(" ".join(f"{v:.{_DIGITS}g}" for v in row + 0.0) for row in values)


def _pair(value: complex) -> str:
    return f"[{_text(value.real)} {_text(value.imag)}]"


def _text(value: float) -> str:
    """A number with as many digits as it takes to read it back."""
    return repr(float(value) + 0.0)
