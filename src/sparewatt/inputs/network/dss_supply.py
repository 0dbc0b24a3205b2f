"""Source and transformer of OpenDSS."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from sparewatt.inputs.network.dss_bus import Bus, read_bus
from sparewatt.inputs.network.parts import plain_number
from sparewatt.model.network import PHASES, Source, Transformer

if TYPE_CHECKING:
    from sparewatt.inputs.finding_log import FindingLog
    from sparewatt.inputs.network.dss_engine import Values
    from sparewatt.inputs.network.dss_script import DssElement, DssScript

_LEADS = {"lead", "euro"}
_CLOCK_LAG, _CLOCK_LEAD = 1, 11
_WINDINGS = 2


class Supply(NamedTuple):
    """What stands before the busbar.

    Parameters
    ----------
    source, transformer
        As in `Network`.
    busbar
        Name of the bus at the low-voltage side.
    source_where, transformer_where
        Where they stand.
    """

    source: Source
    transformer: Transformer
    busbar: str
    source_where: str
    transformer_where: str


def read_supply(values: dict[str, list[Values]], script: DssScript, log: FindingLog) -> Supply | None:
    """The source and the only transformer; none where they are not there, or not as `Network` has them."""
    element = _only("transformer", values["transformer"], script, log)
    origin = _only("vsource", values["vsource"], script, log)
    if element is None or origin is None:
        return None
    found = _read_transformer(values["transformer"][0], element, log)
    source = _read_source(values["vsource"][0], origin, log)
    if found is None or source is None:
        return None
    transformer, hv, lv = found
    bus = read_bus(str(values["vsource"][0]["bus1"]))
    if bus is None or bus.name.lower() != hv.name.lower():
        name = "(none)" if bus is None else bus.name
        message = f"the source stands at bus {name}, the transformer's high-voltage side at {hv.name}"
        remedy = (
            "put the source at the transformer, with the lines between as part of its short-circuit impedance"
        )
        log.add("network.source.bus", "error", origin.where(), message, name, remedy, ids=(hv.name,))
        return None
    changed = origin.given.get("basekv", ("", origin.place))[1]
    return Supply(source, transformer, lv.name, f"{changed}, vsource {origin.name}", element.where())


def _only(kind: str, values: list[Values], script: DssScript, log: FindingLog) -> DssElement | None:
    names = [v["name"] for v in values]
    if len(names) == 1:
        return script.elements[kind, names[0].lower()]
    message = f"the network has {len(names)} of class {kind}, not one: {', '.join(names[:5]) or 'none'}"
    remedy = "a low-voltage network behind one transformer; several of them are several networks"
    where = script.elements[kind, names[1].lower()].where() if names else "the network"
    log.add(f"network.{'source' if kind == 'vsource' else kind}.count", "error", where, message, "", remedy)
    return None


def _read_source(source: Values, element: DssElement, log: FindingLog) -> Source | None:
    if int(source["phases"]) != PHASES or str(source.get("sequence", "")).lower().startswith("neg"):
        message = "the source does not have three phases of positive sequence"
        log.add("network.source.form", "error", element.where(), message, str(source["phases"]), "Phases=3")
        return None
    base_hz = plain_number(source["basefreq"])
    scale = plain_number(source["frequency"]) / base_hz if base_hz > 0.0 else math.nan
    z1, z0 = (complex(plain_number(source[k][0]), plain_number(source[k][1]) * scale) for k in ("z1", "z0"))
    return Source(plain_number(source["basekv"]), plain_number(source["pu"]), z1, z0)


def _read_transformer(
    values: Values, element: DssElement, log: FindingLog
) -> tuple[Transformer, Bus, Bus] | None:
    """The transformer and the buses of its high- and low-voltage sides.

    OpenDSS takes all impedances in per cent of the first winding's kVA, and refers the series impedance
    to a winding's rated voltage times its tap. A tap t of the low-voltage winding is therefore the
    ratio 1/t on the high-voltage side with the impedance times t². ``r=`` and ``x=`` are short for
    Rneut and Xneut, the earthing of a neutral, and count only where the neutral is not joined to node
    0.
    """
    where, ids = element.where(), (element.name,)
    windings = len(values["kvs"])
    conns = [str(c).lower() for c in values["conns"]]
    kvs = [plain_number(kv) for kv in values["kvs"]]
    hv, lv = (0, 1) if windings != _WINDINGS or kvs[0] >= kvs[1] else (1, 0)
    buses = [read_bus(str(b)) for b in values["buses"]]
    form = f"{values['phases']} phases, {windings} windings, {'-'.join(conns)}"
    if int(values["phases"]) != PHASES or windings != _WINDINGS or (conns[hv], conns[lv]) != ("delta", "wye"):
        message = f"the transformer is not of three phases, two windings, delta to wye, but of {form}"
        log.add("network.transformer.form", "error", where, message, form, "Conns=[Delta Wye]", ids=ids)
        return None
    high, low = buses[hv], buses[lv]
    straight = (0, 1, 2)
    if high is None or low is None or high.phases(PHASES) != straight or low.phases(PHASES) != straight:
        message = "its windings are not joined to phases 1, 2 and 3 of a bus each, in this order"
        log.add(
            "network.transformer.form",
            "error",
            where,
            message,
            str(values["buses"]),
            "Buses=[hv lv]",
            ids=ids,
        )
        return None
    neutral = 0j
    if not low.is_earthed(PHASES):
        neutral = complex(plain_number(values["rneut"][lv]), plain_number(values["xneut"][lv]))
        if neutral.real < 0.0 or not abs(neutral) > 0.0:
            message = "the neutral is joined to a node of its own without an impedance to earth"
            value = str(values["buses"][lv])
            log.add("network.transformer.neutral", "error", where, message, value, "Rneut=…", ids=ids)
            return None
    tap, lv_tap = plain_number(values["taps"][hv]), plain_number(values["taps"][lv])
    rating, lv_kv = plain_number(values["kvas"][0]), kvs[lv]
    if not min(tap, lv_tap, lv_kv) > 0.0:
        message, told = "a rated voltage or tap is not above 0", f"kVs {kvs}, taps {values['taps']}"
        log.add("network.transformer.value", "error", where, message, told, ids=ids)
        return None
    losses = complex(plain_number(values["pctnoloadloss"]), -plain_number(values["pctimag"])) / 100.0
    return (
        Transformer(
            id=element.name,
            hv_kv=kvs[hv],
            lv_kv=lv_kv,
            rating_kva=rating,
            r_pu=math.fsum(plain_number(r) for r in values["pctrs"]) / 100.0 * lv_tap**2,
            x_pu=plain_number(values["xhl"]) / 100.0 * lv_tap**2,
            neutral_ohm=neutral,
            clock=_CLOCK_LEAD if str(values["leadlag"]).lower() in _LEADS else _CLOCK_LAG,
            tap_pu=tap / lv_tap,
            magnetising_s=losses * rating / 1000.0 / (lv_kv * lv_tap) ** 2,
        ),
        high,
        low,
    )
