"""What a depot run found, in sentences that a fleet planner can hand on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sparewatt.results.outcome import Outcome, ScenarioOutcome

_NEAR = 0.005
"""Shares below this read as no difference [-]."""
_SMALL_KWH = 0.05
"""Energy below this reads as none [kWh]."""


@dataclass(frozen=True)
class _Pair:
    """Totals over the allocations that have both modes (or over all of the only mode)."""

    bau: tuple[ScenarioOutcome, ...]
    opt: tuple[ScenarioOutcome, ...]

    def total(self, name: str, *, smart: bool) -> float:
        return sum(s.value(name) or 0.0 for s in (self.opt if smart else self.bau))


def depot_sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found, most important first; every sentence stands alone."""
    bau = {s.allocation_id: s for s in outcome.scenarios if s.mode == "BAU"}
    opt = {s.allocation_id: s for s in outcome.scenarios if s.mode == "opt"}
    both = [a for a in opt if a in bau]
    if not outcome.scenarios:
        return ("Nothing was planned.",)
    if not both:
        return tuple(_alone(s) for s in outcome.scenarios)
    pair = _Pair(tuple(bau[a] for a in both), tuple(opt[a] for a in both))
    sentences = [_cost_sentence(pair), _unserved_sentence(pair), _limit_sentence(pair)]
    sentences += [_peak_sentence(bau[a], opt[a]) for a in both]
    late = sum(int(s.value("num_timed_out_days") or 0) for s in outcome.scenarios)
    if late:
        sentences.append(
            f"On {_count(late, 'planning day')} the solver reached its deadline; the best plan found by then "
            f"is used, its proven gap is in the table of days."
        )
    return tuple(s for s in sentences if s)


def comparison_note(outcome: Outcome) -> str:
    """How far the two modes can be compared: whether they deliver the same energy."""
    delivered = {m: outcome.value(f"energy_delivered_kwh_{m}") for m in ("BAU", "opt")}
    bau, opt = delivered["BAU"], delivered["opt"]
    if bau is None or opt is None or not bau:
        return ""
    share = (opt - bau) / bau
    if abs(share) < _NEAR:
        return "Both modes deliver the same energy, so their costs compare directly."
    cost = {m: outcome.value(f"cost_{m}") or 0.0 for m in ("BAU", "opt")}
    more = "more" if share > 0 else "less"
    unit = f"{cost['opt'] / opt:.4f} instead of {cost['BAU'] / bau:.4f} per kWh" if opt else "nothing"
    return f"Smart charging delivers {_percent(share)} {more} energy than unmanaged charging and pays {unit}."


def _count(number: float, noun: str) -> str:
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def _days(pair: _Pair, number: float) -> str:
    """Days, or site-days where several allocations add up."""
    return _count(number, "day" if len(pair.opt) == 1 else "site-day")


def _percent(share: float) -> str:
    return f"{abs(share) * 100:.1f} %"


def _cost_sentence(pair: _Pair) -> str:
    """What smart charging saves."""
    names = ("cost", "excess_capacity_cost")
    before, after = (sum(pair.total(n, smart=smart) for n in names) for smart in (False, True))
    if before <= 0:
        return f"Smart charging costs {number_text(after, 'currency')}; unmanaged charging costs nothing."
    share = (before - after) / before
    paid = f"{number_text(after, 'currency')} instead of {number_text(before, 'currency')}"
    excess = pair.total("excess_capacity_cost", smart=False) + pair.total("excess_capacity_cost", smart=True)
    what = "electricity and excess capacity" if excess > 0 else "electricity"
    delivered = [pair.total("energy_delivered_kwh", smart=smart) for smart in (False, True)]
    more = (delivered[1] - delivered[0]) / delivered[0] if delivered[0] > 0 else 0.0
    energy = ""
    if abs(more) >= _NEAR:
        energy = f", for {_percent(more)} {'more' if more > 0 else 'less'} energy"
    if abs(share) < _NEAR:
        return f"Smart charging costs about the same as unmanaged charging: {paid} for {what}{energy}."
    verb = "cuts" if share > 0 else "raises"
    return f"Smart charging {verb} the cost of {what} by {_percent(share)}: {paid}{energy}."


def _unserved_sentence(pair: _Pair) -> str:
    """What stays unserved."""
    before, after = (pair.total("energy_unserved_kwh", smart=smart) for smart in (False, True))
    days = pair.total("num_magic_days", smart=True)
    if before < _SMALL_KWH and after < _SMALL_KWH:
        return "Every route gets the energy it needs, with smart and with unmanaged charging."
    if after < _SMALL_KWH:
        return (
            f"With smart charging every route gets the energy it needs; unmanaged charging leaves "
            f"{number_text(before)} kWh unserved."
        )
    middle = f"Smart charging leaves {number_text(after)} kWh unserved on {_days(pair, days)}"
    if before < _SMALL_KWH:
        limit = pair.total("num_breach_days", smart=False)
        but = ", but does not keep to the planned limit" if limit else ""
        return f"{middle}; unmanaged charging serves all of it{but}."
    return f"{middle}, unmanaged charging {number_text(before)} kWh."


def _limit_sentence(pair: _Pair) -> str:
    """How the planned limit is kept."""
    before, after = (pair.total("num_breach_days", smart=smart) for smart in (False, True))
    energy = [number_text(pair.total("breach_kwh", smart=smart)) for smart in (False, True)]
    if before == 0 and after == 0:
        return "Charging stays within the planned limit on every day, smart and unmanaged."
    if after == 0:
        return (
            f"Smart charging stays within the planned limit on every day; unmanaged charging goes above it "
            f"on {_days(pair, before)} ({energy[0]} kWh)."
        )
    return (
        f"Smart charging goes above the planned limit on {_days(pair, after)} ({energy[1]} kWh), "
        f"unmanaged charging on {_days(pair, before)} ({energy[0]} kWh)."
    )


def _peak_sentence(bau: ScenarioOutcome, opt: ScenarioOutcome) -> str:
    """What happens to the peak of one site."""
    before, after = bau.value("peak_site_kw") or 0.0, opt.value("peak_site_kw") or 0.0
    place = f"Allocation {opt.allocation_id} (site {opt.site_id})"
    change = before - after
    if before <= 0 or abs(change) / before < _NEAR:
        return f"{place}: the peak site demand stays at {number_text(after)} kW."
    verb = "falls" if change > 0 else "rises"
    return (
        f"{place}: the peak site demand {verb} from {number_text(before)} to {number_text(after)} kW "
        f"({'−' if change > 0 else '+'}{_percent(change / before)})."
    )


def _alone(s: ScenarioOutcome) -> str:
    """One scenario that has nothing to be compared with."""
    name = "Smart" if s.mode == "opt" else "Unmanaged"
    unserved = s.value("energy_unserved_kwh") or 0.0
    served = "every route served" if unserved < _SMALL_KWH else f"{number_text(unserved)} kWh unserved"
    cost = (s.value("cost") or 0.0) + (s.value("excess_capacity_cost") or 0.0)
    return (
        f"{name} charging of allocation {s.allocation_id} delivers "
        f"{number_text(s.value('energy_delivered_kwh'))} kWh for {number_text(cost, 'currency')} with a peak "
        f"site demand of {number_text(s.value('peak_site_kw'))} kW; {served}."
    )


def day_trouble(levels: Sequence[str]) -> str:
    """How many days were normal, as a sentence."""
    normal = sum(level == "normal" for level in levels)
    return f"{normal} of {_count(len(levels), 'day')} without breach or unserved energy."
