"""A neighbourhood as the texts of the files of its folder."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.events import CONSUMERS, PRODUCERS
from sparewatt.inputs.community.kept_mark import KEPT_AS
from sparewatt.inputs.community.names import file_words
from sparewatt.inputs.community.neighbourhood_xml import HOUSES, HouseList, house_list_text
from sparewatt.inputs.community.own_files import (
    BASE_LOAD,
    BASE_LOAD_COLUMNS,
    BATTERIES,
    BATTERY_COLUMNS,
    EV_COLUMNS,
    EVS,
    SCORES,
)
from sparewatt.inputs.community.read import BASE_LOADS, LOADS, PREDICTIONS
from sparewatt.inputs.community.scaled_text import number_text, thousandfold_text
from sparewatt.inputs.community.scores import scores_text
from sparewatt.inputs.community.tariff import TARIFF, tariff_text
from sparewatt.model.market_rules import START_SCORE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from sparewatt.inputs.community.tariff import TariffSteps
    from sparewatt.model.curves import Curves
    from sparewatt.model.neighbourhood import Neighbourhood

FILES = (HOUSES, CONSUMERS, PRODUCERS, EVS, BATTERIES, BASE_LOAD, SCORES, TARIFF, KEPT_AS)
FOLDERS = (LOADS, PREDICTIONS, BASE_LOADS)
"""All that a neighbourhood folder may hold."""


def folder_texts(n: Neighbourhood, steps: TariffSteps | None = None) -> Iterator[tuple[str, str]]:
    """Path inside the folder and text of each file; curves first, so that tables name what is there.

    Parameters
    ----------
    n
        The neighbourhood.
    steps
        Prices for tariff.csv; left out: no such file.
    """
    jobs, forecasts, origin_s = n.jobs, n.forecasts, n.origin_s
    loads = load_names(n)
    for row, name in loads.items():
        yield f"{LOADS}/{name}", _curve_text(jobs.profiles, row, 0)
    predictions = _prediction_names(n)
    for row, name in enumerate(predictions):
        yield f"{PREDICTIONS}/{name}", _curve_text(forecasts.curves, row, origin_s)
    base_names = _unique(file_words(n.house_ids[h]) for h in n.base_load.house.tolist())
    for row, name in enumerate(base_names):
        yield f"{BASE_LOADS}/{name}", _curve_text(n.base_load.curves, row, origin_s)
    fixed = np.flatnonzero(~jobs.is_flexible).tolist()
    times = [(t + origin_s).tolist() for t in (jobs.registered_s, jobs.earliest_s, jobs.latest_s)]
    yield (
        CONSUMERS,
        "".join(
            f"{times[0][j]};{times[1][j]};{times[2][j]};{jobs.ids[j]};{loads[int(jobs.profile[j])]}\n"
            for j in fixed
        ),
    )
    issued_s = (forecasts.issued_s + origin_s).tolist()
    yield (
        PRODUCERS,
        "".join(
            f"{issued_s[row]};{n.producers.ids[p]};{predictions[row]}\n"
            for row, p in enumerate(forecasts.producer.tolist())
        ),
    )
    yield HOUSES, house_list_text(HouseList(n.name, n.house_ids, n.devices))
    yield from _own_texts(n, base_names)
    if steps is not None:
        yield TARIFF, tariff_text(steps)


def _own_texts(n: Neighbourhood, base_names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Our own files, where there is something to say."""
    jobs, batteries = n.jobs, n.batteries
    flexible = np.flatnonzero(jobs.is_flexible).tolist()
    if flexible:
        records = [
            (
                jobs.ids[j],
                *(str(int(t[j]) + n.origin_s) for t in (jobs.registered_s, jobs.earliest_s, jobs.end_s)),
                *(thousandfold_text(x[j]) for x in (jobs.energy_kwh, jobs.min_kw, jobs.max_kw)),
            )
            for j in flexible
        ]
        yield EVS, _table_text(EV_COLUMNS, records)
    if len(batteries):
        in_wh = (batteries.capacity_kwh, batteries.charge_kw, batteries.discharge_kw)
        shares = (batteries.efficiency, batteries.start_soc)
        records = [
            (n.house_ids[h], *(thousandfold_text(x[b]) for x in in_wh), *(number_text(x[b]) for x in shares))
            for b, h in enumerate(batteries.house.tolist())
        ]
        yield BATTERIES, _table_text(BATTERY_COLUMNS, records)
    if len(n.base_load):
        pairs = zip(n.base_load.house.tolist(), base_names, strict=True)
        yield BASE_LOAD, _table_text(BASE_LOAD_COLUMNS, [(n.house_ids[h], name) for h, name in pairs])
    if not np.array_equal(n.scores, np.full(len(n.producers), START_SCORE)):
        yield SCORES, scores_text(n.producers.ids, n.scores)


def used_profiles(profile: NDArray[np.int64]) -> list[int]:
    """Rows of load profiles in the order in which jobs use them first."""
    return [row for row in dict.fromkeys(profile.tolist()) if row >= 0]


def load_names(n: Neighbourhood) -> dict[int, str]:
    """File of each profile: the template of its devices where one template has one profile, or a number."""
    jobs = n.jobs
    templates = {(d.house, d.device_id): file_words(d.template) for d in n.devices}
    by_template: dict[str, set[int]] = {}
    by_profile: dict[int, set[str]] = {}
    for house, device, row in zip(jobs.house.tolist(), jobs.device, jobs.profile.tolist(), strict=True):
        if row >= 0:
            template = templates.get((n.house_ids[house], device), "")
            by_template.setdefault(template, set()).add(row)
            by_profile.setdefault(row, set()).add(template)
    rows = used_profiles(jobs.profile)
    names = []
    for number, row in enumerate(rows, start=1):
        own = [t for t in by_profile[row] if t and by_template[t] == {row}]
        names.append(min(own) if own else f"load_{number:04}")
    return dict(zip(rows, _unique(names), strict=True))


def _prediction_names(n: Neighbourhood) -> list[str]:
    producers, counts, names = n.producers, [0] * len(n.producers), []
    for row in n.forecasts.producer.tolist():
        counts[row] += 1
        house = file_words(n.house_ids[int(producers.house[row])])
        names.append(f"{house}_{file_words(producers.device[row])}_{counts[row]}")
    return _unique(names)


def _unique(names: Iterable[str]) -> list[str]:
    """File names of which no two are the same, whether or not case counts."""
    taken: set[str] = set()
    files = []
    for name in names:
        file, number = name or "_", 1
        while file.lower() in taken:
            number += 1
            file = f"{name}_{number}"
        taken.add(file.lower())
        files.append(f"{file}.csv")
    return files


def _curve_text(curves: Curves, row: int, origin_s: int) -> str:
    time_s, energy_kwh = curves.points(row)
    pairs = zip((time_s + origin_s).tolist(), energy_kwh.tolist(), strict=True)
    return "".join(f"{t} {thousandfold_text(e)}\n" for t, e in pairs)


def _table_text(columns: Sequence[str], records: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(records)
    return out.getvalue()
