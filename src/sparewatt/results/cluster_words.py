"""What a simulated hub found, in sentences that an operator can hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.model.trace import Fate
from sparewatt.results.cluster_kpis import LIMIT_KPIS, REASON_KPIS
from sparewatt.results.cluster_view import COUNTED_KWH, TURNED_AWAY
from sparewatt.results.kpis import number_text

if TYPE_CHECKING:
    from sparewatt.results.outcome import Outcome

REASON_WORDS = {
    Fate.NO_FREE_EVSE: "found no free unit",
    Fate.RESERVATION_REFUSED: "got no reservation",
    Fate.NO_OFFER: "got no offer",
    Fate.LEFT_QUEUE: "gave up waiting",
    Fate.TOO_SHORT: "stayed for less than one step",
}
"""Why vehicles were turned away, after ``3 vehicles``."""

_NAMED_CLUSTERS = 3


def cluster_sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found, most important first; every sentence stands alone."""
    if not outcome.value("visits"):
        return ("No vehicle came to the hub.",)
    return tuple(
        s
        for s in (
            _served(outcome),
            _targets(outcome),
            _limits(outcome),
            _turned_away(outcome),
            _contracts(outcome),
            _v2g(outcome),
            _energy(outcome),
            _waiting(outcome),
            _solves(outcome),
        )
        if s
    )


def count_words(number: float, noun: str) -> str:
    """A number of things: ``1 vehicle``, ``1,200 steps``."""
    return f"{number:,.0f} {noun}{'' if number == 1 else 's'}"


def _kwh(value: float | None) -> str:
    return f"{number_text(float(value or 0.0))} kWh"


def _value(outcome: Outcome, name: str) -> float:
    return float(outcome.value(name) or 0)


def _served(outcome: Outcome) -> str:
    """How many were served, and with how much."""
    visits, admitted = _value(outcome, "visits"), _value(outcome, "admitted")
    clusters = count_words(len(outcome.parts), "cluster")
    where = f"in {clusters} " if len(outcome.parts) > 1 else ""
    if not admitted:
        return f"None of {count_words(visits, 'visit')} could be connected."
    who = "The only visitor was" if visits == 1 else f"{admitted:,.0f} of {visits:,.0f} visitors were"
    return (
        f"{who} connected {where}and charged {_kwh(outcome.value('g2v_kwh'))}, with a peak of "
        f"{number_text(_value(outcome, 'peak_kw'))} kW."
    )


def _targets(outcome: Outcome) -> str:
    """Who left with less than wanted."""
    if not outcome.value("admitted"):
        return ""
    short = _value(outcome, "short_of_target")
    still = _value(outcome, "still_connected")
    more = (
        f" {count_words(still, 'vehicle')} {'is' if still == 1 else 'are'} still connected." if still else ""
    )
    if not short:
        return f"Every vehicle that left had reached its target.{more}"
    missing = _kwh(outcome.value("short_of_target_kwh"))
    return f"{count_words(short, 'vehicle')} left short of the target, by {missing} together.{more}"


def _limits(outcome: Outcome) -> str:
    """Whether limits were kept."""
    broken = {name: _value(outcome, name) for name in LIMIT_KPIS}
    if not any(broken.values()):
        return "Every limit was kept in every step."
    parts = []
    for name, word in (("over_limit", "above"), ("under_limit", "below")):
        steps = _value(outcome, f"{name}_steps")
        if steps:
            parts.append(
                f"{word} {'the limit' if word == 'above' else 'the lower limit'} in "
                f"{count_words(steps, 'step')} ({_kwh(outcome.value(f'{name}_kwh'))}, at worst "
                f"{number_text(_value(outcome, f'{name}_kw'))} kW)"
            )
    if parts:
        of = [p.id for p in outcome.parts if p.value("over_limit_steps") or p.value("under_limit_steps")]
        named = ", ".join(of[:_NAMED_CLUSTERS]) + (
            f" and {len(of) - _NAMED_CLUSTERS} more" if len(of) > _NAMED_CLUSTERS else ""
        )
        where = f"Cluster {named}" if len(of) == 1 else f"Clusters {named}"
        parts = [f"{where} {'was' if len(of) == 1 else 'were'} {' and '.join(parts)}"]
    system = sum(_value(outcome, f"system_{n}_limit_steps") for n in ("over", "under"))
    if system:
        parts.append(
            f"{'the' if parts else 'The'} system limit was not kept in {count_words(system, 'step')}"
        )
    uneven = _value(outcome, "imbalance_steps")
    if uneven:
        parts.append(
            f"{'an' if parts else 'An'} imbalance limit was not kept in {count_words(uneven, 'step')}"
        )
    return f"{'; '.join(parts)}, beyond the tolerance."


def _turned_away(outcome: Outcome) -> str:
    """Who was turned away and why; who never came."""
    away = _value(outcome, "turned_away")
    lost = _value(outcome, "no_show")
    shows = f"{count_words(lost, 'vehicle')} had booked and never came." if lost else ""
    if not away:
        return f"Nobody was turned away. {shows}".strip()
    why = [
        f"{_value(outcome, REASON_KPIS[f]):,.0f} {REASON_WORDS[f]}"
        for f in TURNED_AWAY
        if outcome.value(REASON_KPIS[f])
    ]
    was = "was" if away == 1 else "were"
    return f"{count_words(away, 'vehicle')} {was} turned away: {', '.join(why)}. {shows}".strip()


def _contracts(outcome: Outcome) -> str:
    """Whether contracts were kept."""
    promised = _value(outcome, "contracted_kwh")
    if abs(promised) < COUNTED_KWH and not outcome.value("contract_revenue"):
        return ""
    short = _value(outcome, "short_of_contract_kwh")
    kept = "and all of it was given" if short < COUNTED_KWH else f"of which {_kwh(short)} were not given"
    paid = number_text(_value(outcome, "contract_revenue"), "currency")
    return f"Contracts promised {_kwh(promised)}, {kept}; payments agreed with those who came are {paid}."


def _v2g(outcome: Outcome) -> str:
    """What V2G gave back."""
    back = _value(outcome, "v2g_kwh")
    return "" if back < COUNTED_KWH else f"Vehicles gave back {_kwh(back)} from their batteries (V2G)."


def _energy(outcome: Outcome) -> str:
    """What was drawn and paid, and how busy the hub was."""
    net, cost = _value(outcome, "net_kwh"), _value(outcome, "energy_cost")
    drawn = (
        f"The hub drew {_kwh(net)} from the grid" if net >= 0 else f"The hub gave {_kwh(-net)} to the grid"
    )
    paid = "for" if net >= 0 else "and earned"
    money = f" {paid} {number_text(cost if net >= 0 else -cost, 'currency')}" if cost else ""
    busy = number_text(_value(outcome, "occupancy"), "share")
    used = number_text(_value(outcome, "utilisation"), "share")
    return f"{drawn}{money}; its units were occupied {busy} of the time and used to {used} of their power."


def _waiting(outcome: Outcome) -> str:
    """Who waited."""
    waited = _value(outcome, "waited")
    if not waited:
        return ""
    mean, worst = (duration_words(_value(outcome, f"waiting_{n}_h")) for n in ("mean", "worst"))
    if waited == 1:
        return f"1 vehicle waited for a unit, {worst}."
    return f"{count_words(waited, 'vehicle')} waited for a unit, {mean} in the mean and {worst} at worst."


def duration_words(hours: float) -> str:
    """A time in words: ``12 min``, ``1 h 05 min``."""
    minutes = round(hours * 60)
    if minutes < 1:
        return f"{round(hours * 3600)} s"
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"  # noqa: PLR2004 - of an hour


def _solves(outcome: Outcome) -> str:
    """What the optimiser could not do."""
    late, none = _value(outcome, "timed_out_steps"), _value(outcome, "infeasible_steps")
    parts = []
    if late:
        parts.append(
            f"in {count_words(late, 'step')} the solver reached its deadline and its best plan was used"
        )
    if none:
        parts.append(
            f"in {count_words(none, 'step')} no plan met all limits and the least violation was planned"
        )
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""
