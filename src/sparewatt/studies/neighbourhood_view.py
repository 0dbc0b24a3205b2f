"""What a draft says, house by house: devices with their roles, jobs, forecasts, and what is missing yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sparewatt.inputs.community.events import CONSUMERS
from sparewatt.inputs.community.names import producer_id, read_job_id, read_producer_id
from sparewatt.inputs.community.neighbourhood_xml import HOUSES
from sparewatt.inputs.community.own_files import EVS
from sparewatt.inputs.community.read import BASE_LOADS, LOADS, PREDICTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparewatt.model.neighbourhood import Device
    from sparewatt.studies.neighbourhood_draft import Draft
    from sparewatt.studies.neighbourhood_lines import BatteryLine, ForecastLine

Role = Literal["consumer", "producer", "ev", "battery"]


@dataclass(frozen=True)
class DeviceView:
    """A device and what belongs to it.

    Parameters
    ----------
    device
        As named.
    role
        What it does.
    jobs
        Number of its jobs.
    profile
        File of its load profile in ``loads``; empty where it has none.
    forecasts
        Of a producer, in the order of the file.
    """

    device: Device
    role: Role
    jobs: int
    profile: str
    forecasts: tuple[ForecastLine, ...]

    @property
    def label(self) -> str:
        """How people call it."""
        return self.device.name or ROLE_WORDS[self.role]


@dataclass(frozen=True)
class HouseView:
    """A house and what is in it.

    Parameters
    ----------
    house
        Its id.
    devices
        In the order of their list.
    battery, base_load
        Its battery, and the file of its base load; empty where it has none.
    other_jobs
        Jobs of devices that no list names.
    """

    house: str
    devices: tuple[DeviceView, ...]
    battery: BatteryLine | None
    base_load: str
    other_jobs: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing is in it yet."""
        return not self.devices and self.battery is None and not self.base_load and not self.other_jobs


ROLE_WORDS: dict[Role, str] = {
    "consumer": "Consumer",
    "producer": "Solar panels",
    "ev": "Electric car",
    "battery": "Battery",
}


def house_views(draft: Draft) -> tuple[HouseView, ...]:
    """The houses of a draft."""
    jobs: dict[tuple[str, str], int] = {}
    for name in (*(line.job_id for line in draft.jobs), *(line.job_id for line in draft.evs)):
        if (place := read_job_id(name)) is not None:
            jobs[place.house, place.device] = jobs.get((place.house, place.device), 0) + 1
    evs = {(p.house, p.device) for line in draft.evs if (p := read_job_id(line.job_id)) is not None}
    forecasts: dict[str, list[ForecastLine]] = {}
    for line in draft.forecasts:
        forecasts.setdefault(line.producer, []).append(line)
    by_house: dict[str, list[DeviceView]] = {house: [] for house in draft.houses}
    for device in draft.devices:
        told = tuple(forecasts.get(producer_id(device.house, device.device_id), ()))
        key = (device.house, device.device_id)
        profile = f"{device.template}.csv" if f"{LOADS}/{device.template}.csv" in draft.curves else ""
        view = DeviceView(device, _role(device, bool(told), key in evs), jobs.pop(key, 0), profile, told)
        by_house[device.house].append(view)
    batteries = {line.house: line for line in draft.batteries}
    base = {line.house: line.file for line in draft.base}
    others = {h: sum(n for (house, _), n in jobs.items() if house == h) for h in {k[0] for k in jobs}}
    return tuple(
        HouseView(h, tuple(views), batteries.get(h), base.get(h, ""), others.get(h, 0))
        for h, views in by_house.items()
    )


def find_houses(views: Sequence[HouseView], sought: str) -> Sequence[HouseView]:
    """The houses with some words in their name, or in the name or number of a device; empty: all.

    A house that is called just so comes first.
    """
    words = sought.strip().lower()
    if not words:
        return views

    def has(view: HouseView) -> bool:
        names = [view.house, f"house {view.house}"]
        names += [text for d in view.devices for text in (d.label, d.device.device_id, ROLE_WORDS[d.role])]
        names += ["battery"] if view.battery is not None else []
        return any(words in name.lower() for name in names)

    return sorted(filter(has, views), key=lambda view: view.house.lower() not in (words, words[6:]))


def _role(device: Device, has_forecasts: bool, is_ev: bool) -> Role:  # noqa: FBT001 - both of one device
    kind = device.kind.lower()
    if has_forecasts or kind in {"producer", "pv"}:
        return "producer"
    if is_ev or kind == "ev":
        return "ev"
    return "battery" if kind == "battery" else "consumer"


def house_and_job_counts(files: Mapping[str, str]) -> tuple[int, int]:
    """How many houses and jobs a kept neighbourhood has, counted without reading it."""
    houses = files.get(HOUSES, "").count("<house ")
    jobs = sum(1 for line in files.get(CONSUMERS, "").splitlines() if line.strip())
    return houses, jobs + max(0, len(files.get(EVS, "").splitlines()) - 1)


def open_ends(draft: Draft, views: Sequence[HouseView]) -> list[str]:
    """What is not finished yet, in words; a draft may stay so."""
    words = []
    for view in views:
        if view.is_empty:
            words.append(f"House {view.house} has no devices yet.")
        for device in view.devices:
            name = f"{device.label} in house {view.house}"
            if device.role == "producer" and not device.forecasts:
                words.append(f"{name} has no forecast yet, so it produces nothing.")
            elif device.role in {"consumer", "ev"} and not device.jobs:
                words.append(f"{name} has no jobs yet, so it uses nothing.")
    if not draft.houses:
        words.append("There are no houses yet.")
    return words


def curve_users(draft: Draft) -> Mapping[str, list[str]]:
    """Who uses each curve, by the path of its file."""
    users: dict[str, list[str]] = {path: [] for path in draft.curves}

    def note(path: str, who: str) -> None:
        if who not in users.setdefault(path, []):
            users[path].append(who)

    homes = {(d.house, d.device_id): d for d in draft.devices}
    for device in draft.devices:
        path = f"{LOADS}/{device.template}.csv"
        if path in users:
            note(path, f"{device.name or device.device_id} (house {device.house})")
    for line in draft.jobs:
        place = read_job_id(line.job_id)
        found = None if place is None else homes.get((place.house, place.device))
        who = line.job_id if found is None else f"{found.name or found.device_id} (house {found.house})"
        note(f"{LOADS}/{line.file}", who)
    for forecast in draft.forecasts:
        place = read_producer_id(forecast.producer)
        found = None if place is None else homes.get((place.house, place.device))
        who = forecast.producer if found is None else f"{found.name or found.device_id} (house {found.house})"
        note(f"{PREDICTIONS}/{forecast.file}", who)
    for base in draft.base:
        note(f"{BASE_LOADS}/{base.file}", f"base load of house {base.house}")
    return users
