"""Parts of a neighbourhood folder → a Neighbourhood, all times from time 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.names import unique_names
from sparewatt.inputs.community.own_files import last_start_s
from sparewatt.model.curves import Curves, join_curves
from sparewatt.model.jobs import FLEXIBLE, Jobs
from sparewatt.model.market_rules import START_SCORE
from sparewatt.model.neighbourhood import BaseLoad, Batteries, Forecasts, Neighbourhood, Producers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from sparewatt.inputs.community.curve_files import CurveFiles
    from sparewatt.inputs.community.events import ForecastRows, JobRows
    from sparewatt.inputs.community.names import Place
    from sparewatt.inputs.community.neighbourhood_xml import HouseList
    from sparewatt.inputs.community.own_files import BatteryRows, EvRows
    from sparewatt.inputs.finding_log import FindingLog


@dataclass(frozen=True)
class Parts:
    """What the files of a folder say, times in UNIX seconds."""

    name: str
    houses: HouseList
    jobs: JobRows | None
    loads: CurveFiles
    forecasts: ForecastRows | None
    predictions: CurveFiles
    evs: EvRows | None
    batteries: BatteryRows | None
    base_houses: tuple[str, ...]
    base_rows: NDArray[np.int64]
    base_loads: CurveFiles
    scores: Mapping[str, float]

    def stamps_s(self) -> NDArray[np.int64]:
        """Times of all registrations and forecasts [UNIX s]."""
        parts = [] if self.jobs is None else [self.jobs.registered_s]
        parts += [] if self.evs is None else [self.evs.registered_s]
        parts += [] if self.forecasts is None else [self.forecasts.issued_s]
        return np.concatenate([np.empty(0, np.int64), *parts])


def assemble(parts: Parts, log: FindingLog) -> Neighbourhood:
    """The neighbourhood of parts that no error was found in."""
    origin_s = int(parts.stamps_s().min())
    rows = {house: row for row, house in enumerate(_house_ids(parts))}
    jobs = _jobs(parts, rows, origin_s, log)
    producers, forecasts = _producers(parts, rows, origin_s)
    scores = [parts.scores.get(name, START_SCORE) for name in producers.ids]
    return Neighbourhood(
        name=parts.name,
        origin_s=origin_s,
        house_ids=tuple(rows),
        devices=parts.houses.devices,
        jobs=jobs,
        producers=producers,
        forecasts=forecasts,
        batteries=_batteries(parts.batteries, rows),
        base_load=_base_load(parts, rows, origin_s),
        scores=np.array(scores, np.float64),
    )


def _house_ids(parts: Parts) -> tuple[str, ...]:
    """Houses in the order in which the files name them first, those of the XML before all."""
    named = [] if parts.jobs is None else [p.house for p in parts.jobs.places]
    named += [] if parts.forecasts is None else [p.house for p in parts.forecasts.places]
    named += [] if parts.evs is None else [p.house for p in parts.evs.places]
    named += () if parts.batteries is None else parts.batteries.houses
    return tuple(dict.fromkeys([*parts.houses.houses, *named, *parts.base_houses]))


def _jobs(parts: Parts, rows: Mapping[str, int], origin_s: int, log: FindingLog) -> Jobs:
    jobs, evs = parts.jobs, parts.evs
    profiles = parts.loads.curves()
    names: list[str] = []
    places: list[Place] = []
    columns: list[NDArray[np.int64]] = []
    energy, least, most = np.empty(0), np.empty(0), np.empty(0)
    if jobs is not None:
        names, places = [*jobs.ids], [*jobs.places]
        end_s = jobs.latest_s + profiles.duration_s[jobs.profile]
        columns = [jobs.registered_s, jobs.earliest_s, jobs.latest_s, end_s, jobs.profile]
        energy = profiles.total_kwh[jobs.profile]
        least = most = np.zeros(len(jobs.ids))
    if evs is not None:
        names, places = names + evs.ids, places + evs.places
        last = zip(evs.ready_by_s.tolist(), evs.energy_kwh.tolist(), evs.max_kw.tolist(), strict=True)
        latest_s = np.array([last_start_s(*ev) for ev in last], np.int64)
        profile = np.full(len(evs.ids), FLEXIBLE, np.int64)
        more = [evs.registered_s, evs.earliest_s, latest_s, evs.ready_by_s, profile]
        columns = [np.concatenate(c) for c in zip(columns, more, strict=True)] if columns else more
        energy = np.concatenate([energy, evs.energy_kwh])
        least, most = np.concatenate([least, evs.min_kw]), np.concatenate([most, evs.max_kw])
    registered_s, earliest_s, latest_s, end_s, profile = columns or [np.empty(0, np.int64)] * 5
    return Jobs(
        ids=_unique_ids(parts, names, log),
        house=_house_rows((p.house for p in places), rows),
        device=tuple(p.device for p in places),
        registered_s=registered_s - origin_s,
        earliest_s=earliest_s - origin_s,
        latest_s=latest_s - origin_s,
        end_s=end_s - origin_s,
        profile=profile,
        profiles=profiles,
        energy_kwh=energy,
        min_kw=least,
        max_kw=most,
    )


def _unique_ids(parts: Parts, names: list[str], log: FindingLog) -> tuple[str, ...]:
    ids, changed = unique_names(names)
    first = 0 if parts.jobs is None else len(parts.jobs.ids)
    for row in changed:
        of = parts.jobs if row < first else parts.evs
        if of is not None:
            message = f"the id of the job stands there already; it is called {ids[row]}"
            place = (of.table, row if row < first else row - first, "job_id", message, "an id of its own")
            log.at("community.jobs.twice", "warning", *place, value=names[row], ids=(ids[row],))
    return ids


def _producers(parts: Parts, rows: Mapping[str, int], origin_s: int) -> tuple[Producers, Forecasts]:
    """Producers in the order of their first forecast's time, then of the file; forecasts as in the file."""
    if parts.forecasts is None or not parts.forecasts.ids:
        nothing = np.empty(0, np.int64)
        return Producers((), nothing, ()), Forecasts(nothing, nothing, join_curves([]))
    told = parts.forecasts
    first: dict[str, tuple[int, int]] = {}
    for row, (name, issued_s) in enumerate(zip(told.ids, told.issued_s.tolist(), strict=True)):
        first[name] = min(first.get(name, (issued_s, row)), (issued_s, row))
    ids = tuple(sorted(first, key=first.__getitem__))
    places = dict(zip(told.ids, told.places, strict=True))
    number = {name: row for row, name in enumerate(ids)}
    curves = join_curves(parts.predictions.points(row) for row in told.curve.tolist())
    return (
        Producers(
            ids=ids,
            house=_house_rows((places[name].house for name in ids), rows),
            device=tuple(places[name].device for name in ids),
        ),
        Forecasts(
            producer=np.array([number[name] for name in told.ids], np.int64),
            issued_s=told.issued_s - origin_s,
            curves=_shifted(curves, origin_s),
        ),
    )


def _batteries(told: BatteryRows | None, rows: Mapping[str, int]) -> Batteries:
    if told is None:
        return Batteries(np.empty(0, np.int64), *(np.empty(0) for _ in range(5)))
    return Batteries(
        _house_rows(told.houses, rows),
        told.capacity_kwh,
        told.charge_kw,
        told.discharge_kw,
        told.efficiency,
        told.start_soc,
    )


def _base_load(parts: Parts, rows: Mapping[str, int], origin_s: int) -> BaseLoad:
    curves = join_curves(parts.base_loads.points(row) for row in parts.base_rows.tolist())
    return BaseLoad(_house_rows(parts.base_houses, rows), _shifted(curves, origin_s))


def _shifted(curves: Curves, origin_s: int) -> Curves:
    return Curves(curves.offset, curves.time_s - origin_s, curves.energy_kwh)


def _house_rows(houses: Iterable[str], rows: Mapping[str, int]) -> NDArray[np.int64]:
    return np.array([rows[house] for house in houses], np.int64)
