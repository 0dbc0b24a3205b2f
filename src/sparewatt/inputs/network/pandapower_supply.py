"""External grid and transformer of pandapower."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from sparewatt.inputs.network.dss_supply import Supply
from sparewatt.model.network import Source, Transformer

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.pandapower_buses import PpBuses
    from sparewatt.inputs.network.pandapower_file import PandapowerFile, PpRow

C_MAX = 1.1
"""Voltage factor of IEC 60909 in Z = c·U²/S″: pandapower's s_sc_max_mva is such a power."""

ZERO_SEQUENCE_SLACK = 0.05
"""By so much the transformer's zero-sequence impedance may differ without a word."""

TAP_TYPE = "tap_changer_type"

_DYN = re.compile(r"dyn(\d{0,2})", re.IGNORECASE)
_DEGREES_PER_HOUR = 30.0
_HOURS = 12
_STIFF_RX = 0.1
STIFF_MVA = 1e7
"""Short-circuit power where none is given: enough that the voltage before the transformer moves by less than
1e-7 pu, and finite, because OpenDSS takes no source without impedance."""


def read_pp_supply(file: PandapowerFile, buses: PpBuses, log: FindingLog) -> Supply | None:
    """The external grid and the only transformer in service; none where `Network` has none such."""
    opened = {
        row.bus("element")
        for row in file.tables.get("switch", [])
        if row.text("et") == "t" and not row.flag("closed", default=True)
    }
    trafos = [row for row in file.rows("trafo") if row.index not in opened]
    if file.rows("trafo3w"):
        message = "transformers of three windings are not modelled"
        log.add("network.transformer.form", "error", file.where(file.rows("trafo3w")[0]), message)
    trafo = _only("transformer", trafos, file, log)
    grid = _only("source", file.rows("ext_grid"), file, log)
    if trafo is None or grid is None:
        return None
    hv, lv, at = buses.name(trafo, "hv_bus"), buses.name(trafo, "lv_bus"), buses.name(grid)
    if hv is None or lv is None or at is None:
        if not log.errors:
            message = "the transformer or the external grid stands at a bus that is out of service"
            log.add("network.pandapower.bus", "error", file.where(trafo), message)
        return None
    if at != hv:
        message = f"the external grid stands at bus {at}, the transformer's high-voltage side at {hv}"
        remedy = "put the grid at the transformer, with what lies between as part of its short-circuit power"
        log.add("network.source.bus", "error", file.where(grid), message, at, remedy, ids=(hv,))
        return None
    transformer = _read_trafo(trafo, file, log)
    if transformer is None:
        return None
    source = _read_grid(grid, buses.kv(grid), file, log)
    return Supply(source, transformer, lv, file.where(grid), file.where(trafo))


def _only(kind: str, rows: list[PpRow], file: PandapowerFile, log: FindingLog) -> PpRow | None:
    if len(rows) == 1:
        return rows[0]
    message = f"the network has {len(rows)} of kind {kind} in service, not one"
    remedy = "a low-voltage network behind one transformer; several of them are several networks"
    where = file.where(rows[1]) if rows else file.name
    log.add(f"network.{kind}.count", "error", where, message, str(len(rows)), remedy)
    return None


def _read_grid(grid: PpRow, kv: float, file: PandapowerFile, log: FindingLog) -> Source:
    """|Z1| = c·U²/S″ with R/X of the grid; X0 and R0 by their ratios, as Z1 where none are given."""
    mva = grid.number("s_sc_max_mva", STIFF_MVA)
    if "s_sc_max_mva" not in grid.values or math.isnan(grid.number("s_sc_max_mva")):
        message = "no short-circuit power is given: the voltage before the transformer does not give way"
        log.add(
            "network.source.short_circuit", "warning", file.where(grid), message, "", "s_sc_max_mva, rx_max"
        )
    z = C_MAX * kv**2 / mva if mva > 0.0 else math.nan
    rx = grid.number("rx_max", _STIFF_RX)
    x = z / math.hypot(1.0, rx)
    z1 = complex(rx * x, x)
    x0 = grid.number("x0x_max", 1.0) * x
    z0 = complex(grid.number("r0x0_max", rx) * x0, x0)
    return Source(kv, grid.number("vm_pu", 1.0), z1, z0)


def _read_trafo(trafo: PpRow, file: PandapowerFile, log: FindingLog) -> Transformer | None:
    """R = vkr, X = √(vk² − vkr²); a tap t of the low-voltage side is 1/t on the other, with Z·t².

    The magnetising admittance (pfe, i0) stands at the low-voltage side, where pandapower has half of it at
    either end of the series impedance.
    """
    where = file.where(trafo)
    clock = _clock(trafo, where, log)
    if clock is None:
        return None
    parallel = trafo.number("parallel", 1.0)
    mva, lv_kv = trafo.number("sn_mva") * parallel, trafo.number("vn_lv_kv")
    r, vk = trafo.number("vkr_percent") / 100.0, trafo.number("vk_percent") / 100.0
    x = math.sqrt(vk**2 - r**2) if vk >= abs(r) else math.nan
    tap = _tap(trafo, where, log)
    lv_tap = tap if trafo.text("tap_side").lower() == "lv" else 1.0
    iron_mw = trafo.number("pfe_kw", 0.0) / 1000.0 * parallel
    no_load_mva = trafo.number("i0_percent", 0.0) / 100.0 * mva
    magnetising_mvar = math.sqrt(max(no_load_mva**2 - iron_mw**2, 0.0))
    if not (mva > 0.0 and lv_kv > 0.0 and tap > 0.0 and math.isfinite(x)):
        message = "rated power, voltage, tap or vk_percent is no number above 0, or vkr_percent above it"
        log.add("network.transformer.value", "error", where, message)
        return None
    _tell_zero_sequence(trafo, complex(r, x), where, log)
    return Transformer(
        id=trafo.text("name") or f"trafo_{trafo.index}",
        hv_kv=trafo.number("vn_hv_kv"),
        lv_kv=lv_kv,
        rating_kva=mva * 1000.0,
        r_pu=r * lv_tap**2,
        x_pu=x * lv_tap**2,
        clock=clock,
        tap_pu=tap if lv_tap == 1.0 else 1.0 / lv_tap,
        magnetising_s=complex(iron_mw, -magnetising_mvar) / (lv_kv * lv_tap) ** 2,
    )


def _tap(trafo: PpRow, where: str, log: FindingLog) -> float:
    """Ratio of the tap: 1 + steps · step, as pandapower takes it.

    Files of pandapower 2 have no `tap_changer_type`; every tap of theirs is a ratio. From pandapower 3 on a
    tap without a type does not count. `Network` has no place for taps that turn the phase or follow a table.
    """
    steps = trafo.number("tap_pos", 0.0) - trafo.number("tap_neutral", 0.0)
    kind = trafo.text(TAP_TYPE)
    turns = abs(steps) > 0.0 and (
        abs(trafo.number("tap_step_degree", 0.0)) > 0.0
        or kind == "Ideal"
        or trafo.flag("tap_phase_shifter", default=False)
    )
    second = trafo.number("tap2_pos", 0.0) - trafo.number("tap2_neutral", 0.0)
    if turns or abs(second) > 0.0 or trafo.flag("tap_dependency_table", default=False):
        message = "its tap turns the phase, follows a table, or is a second one: that is not modelled"
        told, remedy = f"{kind or 'tap'}, tap_pos {trafo.values.get('tap_pos')}", "a ratio: vn_hv_kv as it is"
        log.add("network.transformer.tap", "error", where, message, told, remedy)
        return 1.0
    if abs(steps) > 0.0 and TAP_TYPE in trafo.values and not kind:
        message = (
            f"its tap stands {steps:+g} steps from neutral, but without a {TAP_TYPE}: as in pandapower 3 "
            "it does not count"
        )
        told, remedy = f"{trafo.values.get('tap_pos')}", f'{TAP_TYPE} "Ratio", or tap_pos as tap_neutral'
        log.add("network.transformer.tap", "warning", where, message, told, remedy)
        return 1.0
    return 1.0 + steps * trafo.number("tap_step_percent", 0.0) / 100.0


def _tell_zero_sequence(trafo: PpRow, z1: complex, where: str, log: FindingLog) -> None:
    """Say where pandapower would take another zero-sequence impedance than the short-circuit one.

    Z0 = (1 − s)·z0 + s·z0 ∥ m·z0, with s the share of the delta side and m that of the magnetising branch.
    """
    vk0, r0 = trafo.number("vk0_percent") / 100.0, trafo.number("vkr0_percent") / 100.0
    if not vk0 >= abs(r0):
        return
    m, s = trafo.number("mag0_percent", math.inf) / 100.0, trafo.number("si0_hv_partial", 1.0)
    parallel = s if math.isinf(m) else s * m / (s + m) if s + m > 0.0 else 0.0
    z0 = complex(r0, math.sqrt(vk0**2 - r0**2)) * (1.0 - s + parallel)
    if abs(z0 - z1) > ZERO_SEQUENCE_SLACK * abs(z1):
        message = (
            f"its zero-sequence impedance is {abs(z0):.2%} of the rating in pandapower (vk0, mag0, si0); the "
            f"short-circuit impedance of {abs(z1):.2%} is taken, as the delta winding has it"
        )
        log.add("network.transformer.zero_sequence", "warning", where, message, f"{abs(z0):.4g}")


def _clock(trafo: PpRow, where: str, log: FindingLog) -> int | None:
    """Hour of the vector group: of its name, else of the phase shift; delta-wye has odd hours."""
    group = trafo.text("vector_group")
    named = _DYN.fullmatch(group)
    hours = round(trafo.number("shift_degree", 0.0) / _DEGREES_PER_HOUR) % _HOURS if _has_shift(trafo) else 0
    clock = int(named.group(1)) if named and named.group(1) else hours
    if (group and named is None) or clock % 2 == 0 or clock > _HOURS:
        message = "the transformer is not delta-wye: Dyn with an odd hour, by vector_group or shift_degree"
        value = f"{group or 'no vector_group'}, shift_degree {trafo.values.get('shift_degree')}"
        log.add(
            "network.transformer.form", "error", where, message, value, 'vector_group "Dyn", shift_degree 150'
        )
        return None
    if not group:
        message = f"no vector group is given; by its phase shift it is taken as Dyn{clock}"
        log.add("network.transformer.group", "info", where, message, "", 'vector_group "Dyn"')
    return clock


def _has_shift(trafo: PpRow) -> bool:
    return math.isfinite(trafo.number("shift_degree", 0.0))
