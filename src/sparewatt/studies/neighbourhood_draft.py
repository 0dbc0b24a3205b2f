"""Draft: a neighbourhood while it is edited, finished or not; read from the store and kept there."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparewatt.errors import InputError
from sparewatt.inputs.community.events import CONSUMER_COLUMNS, CONSUMERS, PRODUCER_COLUMNS, PRODUCERS
from sparewatt.inputs.community.folder_texts import FOLDERS
from sparewatt.inputs.community.names import read_job_id, read_producer_id
from sparewatt.inputs.community.neighbourhood_xml import HOUSES, HouseList, house_list, house_list_text
from sparewatt.inputs.community.own_files import (
    BASE_LOAD,
    BASE_LOAD_COLUMNS,
    BATTERIES,
    BATTERY_COLUMNS,
    EV_COLUMNS,
    EVS,
)
from sparewatt.inputs.community.tariff import TARIFF
from sparewatt.inputs.community.text_table import read_event_table, read_headed_table
from sparewatt.inputs.finding_log import FindingLog
from sparewatt.model.neighbourhood import Device
from sparewatt.studies.neighbourhood_lines import BaseLine, BatteryLine, EvLine, ForecastLine, JobLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sparewatt.inputs.tables.raw_table import RawTable


@dataclass(frozen=True)
class Draft:
    """A neighbourhood that need not be finished.

    Parameters
    ----------
    name
        What people call it.
    houses, devices
        As neighbourhood.xml has them; every house and device that another file names is among them.
    jobs, forecasts, evs, batteries, base
        Lines of the tables.
    curves
        Text of each file of ``loads``, ``predictions`` and ``base_loads``, by path; also of those that
        nothing uses yet.
    tariff
        Text of tariff.csv; ``None``: there is none.
    """

    name: str
    houses: tuple[str, ...] = ()
    devices: tuple[Device, ...] = ()
    jobs: tuple[JobLine, ...] = ()
    forecasts: tuple[ForecastLine, ...] = ()
    evs: tuple[EvLine, ...] = ()
    batteries: tuple[BatteryLine, ...] = ()
    base: tuple[BaseLine, ...] = ()
    curves: Mapping[str, str] = ()  # type: ignore[assignment]  # an empty one
    tariff: str | None = None


def read_draft(name: str, files: Mapping[str, str]) -> Draft:
    """The draft that the files of a neighbourhood are; houses and devices that only tables name are named.

    Raises
    ------
    InputError
        A file has not the form of its kind, with all findings.
    """
    log = FindingLog()
    houses = HouseList("", (), ())
    if files.get(HOUSES, "").strip():
        houses = house_list(files[HOUSES].encode(), HOUSES, log) or houses
    jobs = read_event_table(CONSUMERS, files.get(CONSUMERS, ""), CONSUMER_COLUMNS, log)
    forecasts = read_event_table(PRODUCERS, files.get(PRODUCERS, ""), PRODUCER_COLUMNS, log)
    headed = {
        file: read_headed_table(file, files[file], columns, log)
        for file, columns in _HEADED.items()
        if file in files
    }
    if log.errors:
        raise InputError(log.findings())
    return _named(
        Draft(
            name=name,
            houses=houses.houses,
            devices=houses.devices,
            jobs=tuple(JobLine(*line) for line in _lines(jobs, CONSUMER_COLUMNS)),
            forecasts=tuple(ForecastLine(*line) for line in _lines(forecasts, PRODUCER_COLUMNS)),
            evs=tuple(EvLine(*line) for line in _lines(headed.get(EVS), EV_COLUMNS)),
            batteries=tuple(_battery(line) for line in _lines(headed.get(BATTERIES), BATTERY_COLUMNS)),
            base=tuple(BaseLine(_plain(h), f) for h, f in _lines(headed.get(BASE_LOAD), BASE_LOAD_COLUMNS)),
            curves={path: text for path, text in files.items() if path.partition("/")[0] in FOLDERS},
            tariff=files.get(TARIFF),
        )
    )


def draft_files(draft: Draft) -> dict[str, str]:
    """The files of a draft, by path; what there is nothing to say of has no file."""
    files = dict(draft.curves)
    files[CONSUMERS] = "".join(f"{';'.join(job)}\n" for job in draft.jobs)
    files[PRODUCERS] = "".join(f"{';'.join(forecast)}\n" for forecast in draft.forecasts)
    order = {house: row for row, house in enumerate(draft.houses)}
    devices = tuple(sorted(draft.devices, key=lambda d: order[d.house]))
    files[HOUSES] = house_list_text(HouseList(draft.name, draft.houses, devices))
    tables: list[tuple[str, Sequence[Sequence[str]]]] = [
        (EVS, draft.evs),
        (BATTERIES, draft.batteries),
        (BASE_LOAD, draft.base),
    ]
    files |= {name: _table_text(_HEADED[name], lines) for name, lines in tables if lines}
    if draft.tariff is not None:
        files[TARIFF] = draft.tariff
    return files


_HEADED = {EVS: EV_COLUMNS, BATTERIES: BATTERY_COLUMNS, BASE_LOAD: BASE_LOAD_COLUMNS}


def _named(draft: Draft) -> Draft:
    """The draft with every house and device among the named ones, in the order in which tables name them.

    A device that two houses have is named in the first; the XML cannot name it twice.
    """
    named = [(read_job_id(line.job_id), "consumer") for line in draft.jobs]
    named += [(read_producer_id(line.producer), "producer") for line in draft.forecasts]
    named += [(read_job_id(line.job_id), "ev") for line in draft.evs]
    places = [(place, kind) for place, kind in named if place is not None]
    more = [*(line.house for line in draft.batteries), *(line.house for line in draft.base)]
    houses = tuple(dict.fromkeys([*draft.houses, *(place.house for place, _ in places), *more]))
    taken = {device.device_id for device in draft.devices}
    devices = list(draft.devices)
    for place, kind in places:
        if place.is_device and place.device not in taken:
            taken.add(place.device)
            devices.append(Device(place.house, "1", place.device, "", "", kind))
    return replace(draft, houses=houses, devices=tuple(devices))


def _lines(table: RawTable | None, columns: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return () if table is None else zip(*(table.columns[column] for column in columns), strict=True)


def _battery(line: tuple[str, ...]) -> BatteryLine:
    return BatteryLine(_plain(line[0]), *line[1:])


def _plain(house: str) -> str:
    """A house without brackets."""
    return house[1:-1] if house.startswith("[") and house.endswith("]") else house


def _table_text(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return out.getvalue()
