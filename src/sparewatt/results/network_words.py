"""What a network run found, in sentences that a planner can hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.kpis import number_text, percent_text
from sparewatt.results.network_kpis import LOSS
from sparewatt.results.network_view import CHARGING_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.network_view import Charging
    from sparewatt.results.outcome import Outcome, PartOutcome

MOST_NAMED = 4
_COUNTED = 1e-6
_CHARGED: tuple[Charging, ...] = ("optimised", "unmanaged")
_KINDS = {
    "overload_steps": "overloaded cables",
    "undervoltage_steps": "undervoltage",
    "overvoltage_steps": "overvoltage",
    "transformer_steps": "an overloaded transformer",
}


def network_sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found, most important first; every sentence stands alone."""
    return tuple(
        s
        for s in (
            _headline(outcome),
            _headroom(outcome),
            _worse_zones(outcome),
            _what_breaks(outcome),
            _voltages(outcome),
            _below_floor(outcome),
            _transformer(outcome),
            _unserved(outcome),
            _v2g(outcome),
            _hosting(outcome),
            _limits(outcome),
            _forecasts(outcome),
            _unsolved(outcome),
        )
        if s
    )


def count_words(number: float, noun: str) -> str:
    """A number of things: ``1 zone``, ``1,200 EVs``."""
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def some_names(names: Sequence[str]) -> str:
    """The first of many names: ``1/2, 2/3 and 5 more``."""
    shown = ", ".join(names[:MOST_NAMED])
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} more"


def _value(told: Outcome | PartOutcome, name: str) -> float:
    return float(told.value(name) or 0.0)


def _headline(outcome: Outcome) -> str:
    """EVs and heat pumps that fit, and whether they keep the limits."""
    customers, evs = _value(outcome, "customers"), _value(outcome, "evs_realised")
    pumps = _value(outcome, "heat_pumps")
    if outcome.value("violating_steps_optimised") is None:
        able = count_words(_value(outcome, "evs_without_shifting"), "EV")
        energy = number_text(_value(outcome, "headroom_kwh_per_day"))
        return (
            f"The zones of {count_words(customers, 'customer')} have {energy} kWh of headroom a day, "
            f"by energy alone enough for {able}{_beside(pumps)}."
        )
    kept = percent_text(_value(outcome, "violating_steps_optimised"))
    beside = [
        f"{percent_text(_value(outcome, f'violating_steps_{c}'))} {words}"
        for c, words in (("unmanaged", "with unmanaged charging"), ("none", "without EVs"))
        if outcome.value(f"violating_steps_{c}") is not None
    ]
    against = f", against {' and '.join(beside)}" if beside else ""
    return (
        f"{count_words(evs, 'EV')} fit among {count_words(customers, 'customer')}{_beside(pumps)}; with "
        f"optimised charging {kept} of the replayed steps break a limit{against}."
    )


def _beside(pumps: float) -> str:
    return f" beside {count_words(pumps, 'heat pump')}" if pumps else ""


def _headroom(outcome: Outcome) -> str:
    """How much headroom there is, and where there is none."""
    if not outcome.parts:
        return ""
    energy = {p.id: _value(p, "headroom_kwh_per_day") for p in outcome.parts}
    most = max(energy, key=lambda z: energy[z])
    none = [z for z, kwh in energy.items() if kwh <= 0.0]
    text = (
        f"Headroom is {number_text(sum(energy.values()))} kWh a day in {count_words(len(energy), 'zone')}, "
        f"most of it in zone {most} ({number_text(energy[most])} kWh)"
    )
    if not none:
        return f"{text}."
    who = f"zone {none[0]} has" if len(none) == 1 else f"zones {some_names(none)} have"
    return f"{text}; {who} none."


def _worse_zones(outcome: Outcome) -> str:
    """Zones in which optimised charging breaks more than the network without EVs."""
    if outcome.value("violating_steps_optimised") is None or outcome.value("violating_steps_none") is None:
        return ""
    worse = [
        (p.id, _value(p, "violating_steps_optimised"), _value(p, "violating_steps_none"))
        for p in outcome.parts
        if _value(p, "violating_steps_optimised") > _value(p, "violating_steps_none") + _COUNTED
    ]
    if not worse:
        return "In no zone does optimised charging break a limit in more steps than without EVs."
    name, now, before = max(worse, key=lambda w: w[1] - w[2])
    many = f"zones {some_names([w[0] for w in worse])}" if len(worse) > 1 else f"zone {name}"
    where = f", most in zone {name}" if len(worse) > 1 else ""
    return (
        f"In {many} optimised charging breaks limits in more steps than without EVs{where} "
        f"({percent_text(now)} instead of {percent_text(before)})."
    )


def _what_breaks(outcome: Outcome) -> str:
    """Which limits the EVs break, optimised and unmanaged."""
    parts = []
    for charging in _CHARGED:
        found = {words: _value(outcome, f"{name}_{charging}") for name, words in _KINDS.items()}
        shown = [f"{words} in {percent_text(v)}" for words, v in found.items() if v > 0.0]
        if shown:
            parts.append(f"{_with(charging)} there are {_listed(shown)} of the steps")
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _voltages(outcome: Outcome) -> str:
    """Lowest voltages."""
    parts = [
        f"{number_text(float(volt))} V {_with(charging)}"
        for charging in CHARGING_WORDS
        if (volt := outcome.value(f"lowest_voltage_v_{charging}")) is not None
    ]
    return f"The lowest voltage is {_listed(parts)}." if parts else ""


def _below_floor(outcome: Outcome) -> str:
    """Steps below the floor that limits are made for, which the law does not forbid."""
    told = {c: outcome.value(f"below_floor_steps_{c}") for c in CHARGING_WORDS}
    if not any(told.values()):
        return ""
    parts = [f"{percent_text(float(v))} {_with(c)}" for c, v in told.items() if v is not None]
    names = [f"below_floor_steps_{c}" for c, v in told.items() if v is not None]
    mean = [sum(_value(p, n) for p in outcome.parts) / max(len(outcome.parts), 1) for n in names]
    zones = f"; a zone on average in {_listed([percent_text(m) for m in mean])}" if outcome.parts else ""
    return (
        f"Some place is below the planning floor, for which limits are made, in {_listed(parts)} of the steps"
        f"{zones}."
    )


def _with(charging: Charging) -> str:
    """``without EVs``, ``with optimised charging``."""
    words = CHARGING_WORDS[charging]
    return words if charging == "none" else f"with {words} charging"


def _transformer(outcome: Outcome) -> str:
    """Highest loads of the transformer."""
    parts = [
        f"{percent_text(float(peak))} {_with(charging)}"
        for charging in CHARGING_WORDS
        if (peak := outcome.value(f"transformer_peak_{charging}")) is not None
    ]
    return f"The transformer is loaded to at most {_listed(parts)}." if parts else ""


def _unserved(outcome: Outcome) -> str:
    """Energy that EVs leave without."""
    short = outcome.value("unserved_kwh_optimised")
    if short is None or not outcome.value("evs_realised"):
        return ""
    if float(short) < _COUNTED:
        return "Every EV leaves with the energy it asked for, also when charging is optimised."
    plain = outcome.value("unserved_kwh_unmanaged")
    beside = "" if plain is None else f" ({number_text(float(plain))} kWh with unmanaged charging)"
    return f"EVs leave with {number_text(float(short))} kWh less than they asked for{beside}."


def _v2g(outcome: Outcome) -> str:
    """V2G asked and delivered, and who relies on it."""
    asked, given = _value(outcome, "v2g_asked_kwh"), _value(outcome, "v2g_delivered_kwh")
    zones = _value(outcome, "v2g_zones")
    rely = ""
    if zones:
        one = zones == 1
        rely = (
            f"{count_words(zones, 'zone')} {'takes' if one else 'take'} a case that "
            f"{'its' if one else 'their'} headroom does not bear at all hours and "
            f"{'asks its' if one else 'ask their'} EVs to give back what lacks"
        )
    if asked < _COUNTED:
        return f"{rely}; on the replayed days nothing is asked." if rely else ""
    kept = f"of {number_text(asked)} kWh asked of V2G {number_text(given)} kWh are delivered"
    short = " and the rest of that headroom stays overdrawn" if given < asked - _COUNTED else ""
    kept = f"{kept} ({percent_text(given / asked)}){short}"
    return f"{rely}: {kept}." if rely else f"{kept[0].upper()}{kept[1:]}."


def _hosting(outcome: Outcome) -> str:
    """Hosting capacities, how sure they are, and what the network breaks without EVs."""
    parts = [
        f"{capacity_text(outcome, charging)} with {CHARGING_WORDS[charging]} charging"
        f"{_sure_words(outcome, charging)}"
        for charging in _CHARGED
        if any(k.name == f"hosting_capacity_{charging}" for k in outcome.kpis)
    ]
    if not parts:
        return ""
    text = f"Hosting capacity is {_listed(parts)}"
    own = outcome.value("hosting_violating_none")
    if own is None:
        return f"{text}."
    if float(own) < _COUNTED:
        return f"{text}; without EVs no sample breaks a limit."
    return f"{text}; without EVs {percent_text(float(own))} of the samples break a limit already."


def capacity_text(outcome: Outcome, charging: Charging) -> str:
    """A hosting capacity: ``40 %``, or ``below 10 %`` where the least that was tried is too much."""
    value = outcome.value(f"hosting_capacity_{charging}")
    if value is not None:
        return percent_text(float(value))
    least = outcome.value("hosting_least_tried")
    return "below all that was tried" if least is None else f"below {percent_text(float(least))}"


def _sure_words(outcome: Outcome, charging: Charging) -> str:
    """How much of a hosting capacity holds with the whole interval of the probability."""
    value, sure = (outcome.value(f"hosting_capacity{kind}_{charging}") for kind in ("", "_sure"))
    if value is None or value == sure:
        return ""
    return " (too few samples to be sure)" if sure is None else f" ({percent_text(float(sure))} for sure)"


def _limits(outcome: Outcome) -> str:
    """How sure the fitted limits are."""
    share = _value(outcome, "limit_violating_share")
    if share <= 0.0:
        return ""
    return (
        f"Limits read from voltage over flow are not exact: in the worst zone {percent_text(share)} of the "
        f"snapshots within its limit are below the planning floor nevertheless."
    )


def _forecasts(outcome: Outcome) -> str:
    """Which rule tells tomorrow's headroom best, by how much, and where tomorrow is tightest."""
    losses = {
        k.name.removeprefix(LOSS): float(k.value or 0.0) for k in outcome.kpis if k.name.startswith(LOSS)
    }
    if not losses:
        return ""
    best = min(losses, key=lambda rule: losses[rule])
    loss, saved = f"mean pinball loss of {number_text(losses[best])} kVA", _value(outcome, "forecast_skill")
    if saved < _COUNTED:
        text = f"Nothing forecasts tomorrow's headroom better than persistence, with a {loss}"
    else:
        text = (
            f"Tomorrow's headroom is forecast best by {best.replace('_', ' ')}, with a {loss}, "
            f"{percent_text(saved)} less than persistence"
        )
    least = {p.id: v for p in outcome.parts if (v := p.value("forecast_least_kva")) is not None}
    if not least:
        return f"{text}."
    zone = min(least, key=lambda z: float(least[z]))
    sure = next(_value(p, "forecast_sure_kva") for p in outcome.parts if p.id == zone)
    return (
        f"{text}; for the day after the run the median forecast falls lowest in zone {zone}, to "
        f"{number_text(float(least[zone]))} kVA; with 90 % at least {number_text(sure)} kVA are left then."
    )


def _unsolved(outcome: Outcome) -> str:
    """Steps that no engine solved."""
    parts = [
        f"{percent_text(share)} of the steps {_with(charging)}"
        for charging in CHARGING_WORDS
        if (share := _value(outcome, f"unsolved_steps_{charging}")) > 0.0
    ]
    return f"The power flow found no solution in {_listed(parts)}." if parts else ""
