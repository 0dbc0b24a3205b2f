"""Jobs of a generated neighbourhood: who runs which appliance when, and EVs that want energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.inputs.community.names import job_id
from sparewatt.inputs.community.own_files import last_start_s
from sparewatt.inputs.generate.neighbourhood_kinds import KINDS, programme_points
from sparewatt.model.curves import join_curves
from sparewatt.model.jobs import FLEXIBLE, Jobs
from sparewatt.model.neighbourhood import Device

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparewatt.inputs.generate.neighbourhood_plan import NeighbourhoodPlan

_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3600, 60
_TIMES_H = np.array([(8.0, 1.3), (12.5, 1.6), (18.5, 1.9)])
_TIMES_SHARE = (0.4, 0.25, 0.35)
"""When people think of it: clock hour and spread of morning, noon, evening; their shares [h]."""
_WAIT_H, _SLACK_H = 2.0, (0.5, 8.0)
_RIGID, _RIGID_S = 0.1, 20
"""Share of jobs that start at once, and the seconds by which they can wait."""
_EV_KW = ((1.4, 3.7), (1.4, 7.4), (4.2, 11.0))
_AT_HOME, _LONG_H, _MOST_EV_KWH = 0.4, 10.0, 14.0
"""Share of days on which a car stands at home by day; stays that are nights; most energy [h, kWh]."""


@dataclass(frozen=True)
class HomeDevices:
    """Appliances and EVs by house, numbered through the whole neighbourhood.

    Parameters
    ----------
    devices
        All of them, house by house.
    appliances
        Of each house: id, row of the programme, share of the house's jobs.
    evs
        House and id of each EV.
    programmes
        Names of the programmes by row.
    """

    devices: tuple[Device, ...]
    appliances: tuple[tuple[tuple[str, int, float], ...], ...]
    evs: tuple[tuple[int, str], ...]
    programmes: tuple[str, ...]


def draw_devices(plan: NeighbourhoodPlan, seed: int) -> HomeDevices:
    """Who has what: a washing machine everybody, the others by chance, EVs in a share of the houses."""
    rng = np.random.default_rng([seed, 3])
    programmes = tuple(name for kind in KINDS for name, _ in kind.programmes)
    with_ev = set(rng.permutation(plan.houses)[: round(plan.houses * plan.ev_share)].tolist())
    devices: list[Device] = []
    appliances, evs = [], []
    for house in range(plan.houses):
        own: list[tuple[str, int, float]] = []
        for kind in KINDS:
            has, which = rng.random() < kind.owned, int(rng.integers(len(kind.programmes)))
            if has:
                template, number = kind.programmes[which][0], str(len(devices) + 1)
                devices.append(Device(str(house + 1), "1", number, kind.name, template, "consumer"))
                own.append((number, programmes.index(template), kind.uses))
        if house in with_ev:
            number = str(len(devices) + 1)
            devices.append(Device(str(house + 1), "1", number, "EV", "", "ev"))
            evs.append((house, number))
        appliances.append(tuple(own))
    return HomeDevices(tuple(devices), tuple(appliances), tuple(evs), programmes)


def draw_jobs(plan: NeighbourhoodPlan, seed: int, homes: HomeDevices) -> Jobs:
    """Jobs in the order of their registration, then EVs in theirs; times from local midnight [s].

    A job is thought of in the morning, at noon or in the evening, may start up to two hours later and then
    waits for half an hour to eight hours; a tenth start at once. None runs past the last day.
    """
    rng = np.random.default_rng([seed, 4])
    profiles = join_curves(programme_points(phases) for kind in KINDS for _, phases in kind.programmes)
    end_s = plan.days * _DAY_S
    house, day = np.divmod(np.arange(plan.houses * plan.days), plan.days)
    base = int(plan.jobs_per_day)
    count = base + (rng.random(len(house)) < plan.jobs_per_day - base)
    house, day = np.repeat(house, count), np.repeat(day, count)
    jobs = len(house)
    device, profile = _choose(rng, house, homes)
    kind = rng.choice(len(_TIMES_H), jobs, p=_TIMES_SHARE)
    hour = np.clip(rng.normal(*_TIMES_H[kind].T), 0.2, 22.0)
    wait_s = rng.uniform(0, _WAIT_H, jobs) * _HOUR_S
    slack_s = np.round(rng.uniform(*_SLACK_H, jobs) * 12) * 5 * _MINUTE_S
    registered_s = (day * _DAY_S + hour * _HOUR_S).astype(np.int64)
    earliest_s = np.ceil((registered_s + wait_s) / 300).astype(np.int64) * 300
    rigid = rng.random(jobs) < _RIGID
    earliest_s = np.where(rigid, registered_s, earliest_s)
    latest_s = earliest_s + np.where(rigid, _RIGID_S, slack_s).astype(np.int64)
    latest_s = np.minimum(latest_s, end_s - profiles.duration_s[profile])
    earliest_s = np.minimum(earliest_s, latest_s)
    registered_s = np.minimum(registered_s, earliest_s)
    order = np.argsort(registered_s, kind="stable")
    ids = _number(house[order], [device[j] for j in order.tolist()])
    evs = _draw_evs(plan, seed, homes)
    ev_ids = _number(evs.house, list(evs.device))
    used = dict.fromkeys(profile[order].tolist())
    number = np.full(len(profiles), FLEXIBLE, np.int64)
    number[list(used)] = np.arange(len(used))
    nothing = np.zeros(jobs)
    energy_kwh = profiles.total_kwh[profile[order]]
    return Jobs(
        ids=ids + ev_ids,
        house=np.concatenate([house[order], evs.house]),
        device=tuple(device[j] for j in order.tolist()) + evs.device,
        registered_s=np.concatenate([registered_s[order], evs.registered_s]),
        earliest_s=np.concatenate([earliest_s[order], evs.registered_s]),
        latest_s=np.concatenate([latest_s[order], evs.latest_s]),
        end_s=np.concatenate([latest_s[order] + profiles.duration_s[profile[order]], evs.end_s]),
        profile=np.concatenate([number[profile[order]], np.full(len(evs.house), FLEXIBLE, np.int64)]),
        profiles=join_curves(profiles.points(row) for row in used),
        energy_kwh=np.concatenate([energy_kwh, evs.energy_kwh]),
        min_kw=np.concatenate([nothing, evs.min_kw]),
        max_kw=np.concatenate([nothing, evs.max_kw]),
    )


def _choose(
    rng: np.random.Generator, house: NDArray[np.int64], homes: HomeDevices
) -> tuple[list[str], NDArray[np.int64]]:
    """Device and programme of each job."""
    pick, device = rng.random(len(house)), [""] * len(house)
    profile = np.zeros(len(house), np.int64)
    for job, (home, at) in enumerate(zip(house.tolist(), pick.tolist(), strict=True)):
        own = homes.appliances[home]
        left = at * sum(share for *_, share in own)
        for name, row, share in own:
            device[job], profile[job] = name, row
            left -= share
            if left < 0:
                break
    return device, profile


def _number(house: NDArray[np.int64], device: list[str]) -> tuple[str, ...]:
    """Ids of jobs, those of a device numbered in turn."""
    counts: dict[str, int] = {}
    ids = []
    for home, name in zip(house.tolist(), device, strict=True):
        counts[name] = counts.get(name, 0) + 1
        ids.append(job_id(str(home + 1), name, counts[name]))
    return tuple(ids)


@dataclass(frozen=True)
class _Evs:
    house: NDArray[np.int64]
    device: tuple[str, ...]
    registered_s: NDArray[np.int64]
    latest_s: NDArray[np.int64]
    end_s: NDArray[np.int64]
    energy_kwh: NDArray[np.float64]
    min_kw: NDArray[np.float64]
    max_kw: NDArray[np.float64]


def _draw_evs(plan: NeighbourhoodPlan, seed: int, homes: HomeDevices) -> _Evs:
    """A charge a day of each EV: by day where it stands at home, else overnight; none past the last day."""
    rng = np.random.default_rng([seed, 5])
    names: list[tuple[int, str]] = []
    times: list[tuple[int, int, int]] = []
    needs: list[tuple[float, float, float]] = []
    for ev in homes.evs:
        low, high = _EV_KW[int(rng.integers(len(_EV_KW)))]
        for day in range(plan.days):
            home = rng.random() < _AT_HOME or day == plan.days - 1
            come_h, stay_h = (rng.normal(8.5, 0.7), 8.0) if home else (rng.normal(17.8, 0.9), 13.0)
            stay_h += rng.uniform(-0.5, 0.5)
            share = rng.uniform(0.25, 0.8)
            registered_s = int(
                day * _DAY_S + np.clip(come_h, 5.0, 21.0 if stay_h > _LONG_H else 12.0) * _HOUR_S
            )
            end_s = registered_s + round(stay_h * 60) * _MINUTE_S
            energy_kwh = round(max(1.0, share * min(_MOST_EV_KWH, high * (stay_h - 1.0))), 1)
            names.append(ev)
            times.append((registered_s, last_start_s(end_s, energy_kwh, high), end_s))
            needs.append((energy_kwh, low, high))
    order = sorted(range(len(names)), key=lambda row: times[row][0])
    when = np.array(times, np.int64).reshape(-1, 3)[order]
    power = np.array(needs, np.float64).reshape(-1, 3)[order]
    return _Evs(
        house=np.array([names[row][0] for row in order], np.int64),
        device=tuple(names[row][1] for row in order),
        registered_s=when[:, 0].copy(),
        latest_s=when[:, 1].copy(),
        end_s=when[:, 2].copy(),
        energy_kwh=power[:, 0].copy(),
        min_kw=power[:, 1].copy(),
        max_kw=power[:, 2].copy(),
    )
