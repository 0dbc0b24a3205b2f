"""What a neighbourhood came to, in sentences that neighbours can hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparewatt.results.kpis import number_text, percent_text

if TYPE_CHECKING:
    from sparewatt.results.outcome import Outcome

ALL = 0.9995
"""From this share of the best possible on it is told as all that was possible."""
OPEN = 5e-4
"""Up to this gap a bound is told as proven."""
IN_PART = 0.02
"""From this share of what was covered on, parts of jobs are told of."""
_NOISE_KWH = 1e-6
_SMALL = 0.1
"""Below this many kW and kWh a number reads better in W and Wh."""


def community_sentences(outcome: Outcome) -> tuple[str, ...]:
    """What the run found, most important first; every sentence stands alone."""
    if not outcome.value("jobs"):
        headline = "No house had a job to run."
        if _value(outcome, "load_kwh"):
            headline = f"No house had a job to run; {_bill(outcome)}."
        return tuple(s for s in (headline, _sun(outcome), _not_asked(outcome)) if s)
    return tuple(
        s
        for s in (
            _headline(outcome),
            _repetitions(outcome),
            _best(outcome),
            _sun(outcome),
            _load(outcome),
            _contracts(outcome),
            _sharing(outcome),
            _limit(outcome),
            _peaks(outcome),
            _not_asked(outcome),
        )
        if s
    )


def count_text(number: float) -> str:
    """A count, or the mean of counts: ``22``, ``14.3``."""
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}"


def count_words(number: float, noun: str) -> str:
    """A number of things: ``1 job``, ``14.3 jobs``."""
    return f"{count_text(number)} {noun}{'' if number == 1 else 's'}"


def share_words(share: float | None, gap: float | None, what: str = "contracts") -> str:
    """How near the best possible: ``all that contracts could cover``, ``at least 87 % of it``."""
    if share is None:
        return ""
    if share >= ALL:
        return f"all that {what} could cover"
    least = "" if (gap or 0.0) <= OPEN else "at least "
    return f"{least}{rounded_down(share)} of what {what} could cover"


def rounded_down(share: float) -> str:
    """A share in per cent that does not read as more than it is."""
    return percent_text(int(share * 1000) / 1000)


def _value(outcome: Outcome, name: str) -> float:
    return float(outcome.value(name) or 0.0)


def _kwh(outcome: Outcome, name: str) -> str:
    return energy_words(_value(outcome, name))


def energy_words(kwh: float) -> str:
    """Energy with its unit: ``22.1 kWh``, ``1.5 Wh``."""
    return _small(_no_noise(kwh), "kWh", "Wh")


def power_words(kw: float) -> str:
    """Power with its unit: ``3.2 kW``, ``85.0 W``."""
    return _small(_no_noise(kw), "kW", "W")


def _small(value: float, unit: str, thousandth: str) -> str:
    if 0.0 < abs(value) < _SMALL:
        return f"{number_text(1000.0 * value)} {thousandth}"
    return f"{number_text(value)} {unit}"


def _no_noise(kwh: float) -> float:
    return 0.0 if abs(kwh) < _NOISE_KWH else kwh


def _headline(outcome: Outcome) -> str:
    """What was covered, how near that is to the best, what it costs."""
    covered, asked = _no_noise(_value(outcome, "covered_kwh")), _value(outcome, "asked_kwh")
    best = _near(outcome)
    near = f", {best}" if best else ""
    if not covered:
        nothing = f"Roofs of the neighbourhood covered nothing of the {number_text(asked)} kWh"
        return f"{nothing} that its jobs asked for{near}; {_bill(outcome)}."
    what = (
        f"Roofs of the neighbourhood covered {number_text(covered)} of the {number_text(asked)} kWh "
        "that its jobs asked for"
    )
    return f"{what}{near}; {_bill(outcome)}."


def _near(outcome: Outcome) -> str:
    """How near the best: by contracts where jobs were covered whole, of one pool where many were in part."""
    covered, whole = _value(outcome, "covered_kwh"), outcome.value("whole_kwh")
    if whole is not None and covered - float(whole) > IN_PART * covered:
        share, gap = (_optional(outcome, f"{name}_pool") for name in ("share_of_best", "bound_gap"))
        return share_words(share, gap, "one pool of all sun")
    share, gap = (_optional(outcome, f"{name}_contract") for name in ("share_of_best", "bound_gap"))
    return share_words(share, gap)


def _bill(outcome: Outcome) -> str:
    """What all houses pay or earn, and what sharing makes of it."""
    cost, saved = _value(outcome, "cost"), _value(outcome, "saved")
    pays = "earn" if cost < 0 else "pay"
    text = f"all houses together {pays} {number_text(abs(cost), 'currency')}"
    if abs(saved) < 0.005:  # noqa: PLR2004 - reads as 0.00
        return text
    more = (saved > 0) == (cost < 0)
    return f"{text}, {number_text(abs(saved), 'currency')} {'more' if more else 'less'} than on the tariff"


def _optional(outcome: Outcome, name: str) -> float | None:
    value = outcome.value(name)
    return None if value is None else float(value)


def _repetitions(outcome: Outcome) -> str:
    """How far repetitions differ."""
    count = int(_value(outcome, "repetitions"))
    if count < 2:  # noqa: PLR2004 - one does not differ
        return ""
    deviation = _optional(outcome, "covered_kwh_sd") or 0.0
    if deviation < _NOISE_KWH:
        return f"All {count:,} repetitions covered the same energy."
    covered = number_text(_value(outcome, "covered_kwh"))
    return (
        f"These are means of {count:,} repetitions; {covered} ± {number_text(deviation)} kWh were covered "
        "(standard deviation)."
    )


def _best(outcome: Outcome) -> str:
    """The best possible and how sure it is."""
    told = []
    bounds = (("contract", "by contracts", "whole_kwh"), ("pool", "with all sun in one pool", "covered_kwh"))
    for name, words, reached in bounds:
        most = _optional(outcome, f"bound_{name}_kwh")
        if most is None:
            return ""
        gap = _value(outcome, f"bound_gap_{name}")
        known = number_text(_no_noise(max(most * (1.0 - gap), _value(outcome, reached))))
        up_to = number_text(_no_noise(most))
        found = "" if gap <= OPEN or known == up_to else f" ({known} for sure)"
        told.append(f"{up_to} kWh{found} {words}")
    return f"With everything known beforehand up to {' and up to '.join(told)} could be covered."


def _sun(outcome: Outcome) -> str:
    """What became of the sun."""
    if _value(outcome, "production_kwh") < _NOISE_KWH:
        return "No roof produced anything."
    used = number_text(_optional(outcome, "self_consumption"), "share")
    stored = _value(outcome, "charge_kwh")
    battery = f" ({_kwh(outcome, 'charge_kwh')} through home batteries)" if stored > _NOISE_KWH else ""
    return (
        f"Of {_kwh(outcome, 'production_kwh')} of sun {used} were used in the neighbourhood{battery}; "
        f"{_kwh(outcome, 'feed_in_kwh')} were fed into the grid."
    )


def _load(outcome: Outcome) -> str:
    """Where what was used came from."""
    if _value(outcome, "load_kwh") < _NOISE_KWH:
        return ""
    share = rounded_down(_value(outcome, "self_sufficiency"))
    return (
        f"Of {_kwh(outcome, 'load_kwh')} that were used {_kwh(outcome, 'own_kwh')} came from the own roof, "
        f"{_kwh(outcome, 'peer_kwh')} from neighbours and {_kwh(outcome, 'grid_kwh')} from the grid "
        f"(self-sufficiency {share})."
    )


def _contracts(outcome: Outcome) -> str:
    """Who got a contract, and what was cancelled."""
    jobs, agreed = _value(outcome, "jobs"), _value(outcome, "contracts_producer")
    cancelled = _value(outcome, "cancelled")
    text = f"{count_text(agreed)} of {count_words(jobs, 'job')} ran on a contract with a producer"
    rest = _value(outcome, "contracts_grid")
    text += f", {count_text(rest)} on one with the grid" if rest else ""
    if cancelled:
        was = "was" if cancelled == 1 else "were"
        text += f"; {count_words(cancelled, 'contract')} {was} cancelled on the way{_early(outcome)}"
    return f"{text}."


def _early(outcome: Outcome) -> str:
    """What became of the jobs whose contracts were cancelled."""
    told: list[str] = []
    for name, one, many in (
        ("renegotiated", "had to ask again", "had to ask again"),
        ("handed_over", "was handed over to another producer", "were handed over to another producer"),
        ("called_back", "was called back from the grid", "were called back from the grid"),
    ):
        count = _value(outcome, name)
        if count:
            who = count_text(count) if told else count_words(count, "job")
            told.append(f"{who} {one if count == 1 else many}")
    if len(told) < 2:  # noqa: PLR2004 - nothing to tell apart
        return "".join(f", and {words}" for words in told)
    return f": {', '.join(told[:-1])} and {told[-1]}"


def _sharing(outcome: Outcome) -> str:
    """Whether anybody pays more than alone."""
    worse = _value(outcome, "houses_worse_off")
    if not worse:
        return "No house pays more than it would on the tariff."
    pay = "pays" if worse == 1 else "pay"
    return f"{count_words(worse, 'house')} {pay} more with the sharing rule than on the tariff."


def _limit(outcome: Outcome) -> str:
    """Whether the import limit was kept."""
    minutes = outcome.value("over_import_limit_minutes")
    if minutes is None:
        return ""
    if not minutes:
        return "The import limit was kept in every minute."
    return (
        f"The import limit was exceeded in {count_words(float(minutes), 'minute')}, by "
        f"{_kwh(outcome, 'over_import_limit_kwh')} together."
    )


def _peaks(outcome: Outcome) -> str:
    """Peaks of load, production and import."""
    load, sun = _optional(outcome, "par_consumption"), _optional(outcome, "par_production")
    told = [
        f"{what} {number_text(ratio)} times"
        for what, ratio in (("the load", load), ("the production", sun))
        if ratio is not None
    ]
    if not told:
        return ""
    peak = power_words(_value(outcome, "import_peak_kw"))
    return f"Highest over mean: {', '.join(told)}; at most {peak} were bought at once."


def _not_asked(outcome: Outcome) -> str:
    """Jobs that were not simulated."""
    late = _value(outcome, "jobs_not_asked")
    if not late:
        return ""
    come, was = ("comes", "was") if late == 1 else ("come", "were")
    return f"{count_words(late, 'job')} {come} after the simulated days and {was} not simulated."
