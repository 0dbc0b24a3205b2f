"""One scenario of a depot run as a task: claim it, plan the days that are left, commit each, finish.

The task is repeatable: killed anywhere, it goes on after the last committed day, and what it writes is
a function of its inputs alone.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sparewatt.decide.rules.unmanaged import plan_unmanaged
from sparewatt.errors import RunCancelled, SparewattError, StoreError
from sparewatt.model.depot_day import DayState, DepotDay, days_of_schedule
from sparewatt.model.schedule import DayReport, DepotSchedule
from sparewatt.results.depot_demand import demand_table, last_soc
from sparewatt.results.depot_kpis import depot_summary
from sparewatt.results.depot_series import write_depot_series
from sparewatt.results.depot_view import DepotView
from sparewatt.results.run_folder import SERIES
from sparewatt.results.store import Store, current_owner
from sparewatt.studies.run_log import TOLD, kept_log
from sparewatt.studies.run_trouble import os_error_text
from sparewatt.verify.depot_schedule import check_depot_schedule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sparewatt.decide.optimise.depot_days import DepotPlanner
    from sparewatt.model.depot import Depot, Mode
    from sparewatt.model.schedule import Level
    from sparewatt.tasks import Control

LOG = logging.getLogger(__name__)
NOTHING_KWH = 1e-6


@dataclass(frozen=True)
class DepotTask:
    """What a worker is sent.

    Parameters
    ----------
    store_url
        Where results go.
    run_id, scenario_id
        The run in the store, and the scenario of it.
    directory
        Folder of the run.
    depot, mode
        What to plan and how.
    planner
        How the optimised mode is planned.
    magic_fill
        Whether unserved energy is spread in the table.
    """

    store_url: str
    run_id: int
    scenario_id: int
    directory: Path
    depot: Depot
    mode: Mode
    planner: DepotPlanner
    magic_fill: bool

    @property
    def name(self) -> str:
        """What people call it."""
        return f"allocation {self.depot.allocation_id} {self.mode}"


def plan_scenario(task: DepotTask, control: Control) -> bool:
    """Plan one scenario to its end.

    Parameters
    ----------
    task
        What to plan.
    control
        Whether to stop after the present day, and where to report progress.

    Returns
    -------
    bool
        False where another process holds the scenario or has finished it.

    Raises
    ------
    RunCancelled
        It was asked to stop; the scenario is released, its committed days stay.
    StoreError
        The store is away; what was committed stays.
    """
    owner = current_owner()
    is_worker = multiprocessing.parent_process() is not None
    with (
        kept_log(task.directory) if is_worker else nullcontext(),
        Store.open(task.store_url, create=False) as store,
    ):
        if store.claim_scenario(task.run_id, owner, scenario_id=task.scenario_id) is None:
            LOG.info("%s: taken or done by another process", task.name)
            return False
        try:
            with store.keep_alive(task.scenario_id, owner):
                _plan_days(task, store, owner, control)
        except RunCancelled:
            store.release_scenario(task.scenario_id, owner)
            LOG.info("%s: stopped, released", task.name)
            raise
        except StoreError:
            raise
        except SparewattError as error:
            store.fail_scenario(task.scenario_id, owner, str(error))
        except OSError as error:
            store.fail_scenario(task.scenario_id, owner, os_error_text(error))
        except Exception as error:  # a bug in one scenario must not take the others with it
            LOG.exception("%s: a bug of Sparewatt", task.name, extra=TOLD)
            store.fail_scenario(task.scenario_id, owner, f"{type(error).__name__}: {error}")
    return True


def rewrite_series(task: DepotTask, store: Store) -> None:
    """Write the series of a finished scenario anew from its committed days: same days, same bytes."""
    _write_series(task, _committed(task, store, shown=True))


def _committed(task: DepotTask, store: Store, *, shown: bool = False) -> _Written:
    written = _Written(task.depot)
    for committed in store.committed_days(task.scenario_id, shown=shown):
        written.take_stored(committed.report, committed.state)
    return written


def _write_series(task: DepotTask, written: _Written) -> DepotView:
    view = DepotView.from_schedule(
        written.schedule,
        scenario_id=task.scenario_id,
        mode=task.mode,
        days=written.reports,
        magic_fill=task.magic_fill,
    )
    write_depot_series(view, task.directory / SERIES)
    return view


def _plan_days(task: DepotTask, store: Store, owner: str, control: Control) -> None:
    depot, started = task.depot, time.monotonic()
    written = _committed(task, store)
    begun = len(written.reports)
    LOG.info("%s: day %d of %d", task.name, begun + 1, depot.horizon.days)
    control.report(begun / depot.horizon.days)
    for day in _days(task, written):
        control.check()
        if day.report is None:
            raise AssertionError
        table = written.take(day, task)
        store.commit_day(task.scenario_id, owner, day.day, table, day.report, written.state(day))
        control.report(len(written.reports) / depot.horizon.days)
    view = _write_series(task, written)
    findings = check_depot_schedule(written.schedule, mode=task.mode)
    store.write_findings(task.run_id, findings, scenario_id=task.scenario_id)
    store.finish_scenario(task.scenario_id, owner, depot_summary(view))
    days, seconds = len(written.reports) - begun, time.monotonic() - started
    LOG.info("%s: %d days planned in %.2f s, level %s", task.name, days, seconds, view.level)


def _days(task: DepotTask, written: _Written) -> Iterator[DepotDay]:
    if task.mode == "opt":
        yield from task.planner.plan(task.depot, written.next_state)
        return
    started = time.process_time()
    days = days_of_schedule(plan_unmanaged(task.depot))
    share_s = (time.process_time() - started) / max(1, len(days))
    for day in days[len(written.reports) :]:
        yield day.with_report(_rule_report(task.depot, day, share_s))


def _rule_report(depot: Depot, day: DepotDay, solve_s: float) -> DayReport:
    unserved, breach, delivered, cost = day.ranks(depot)
    level: Level = "magic" if unserved > NOTHING_KWH else "breach" if breach > NOTHING_KWH else "normal"
    return DayReport(day.day, level, "rule", unserved, breach, delivered, cost, 0.0, solve_s)


class _Written:
    """The part of a schedule that is committed, filled day by day."""

    def __init__(self, depot: Depot) -> None:
        self._depot = depot
        self._energy = np.zeros(len(depot.sessions.fraction))
        self._charger = np.zeros(len(depot.sessions), dtype=np.int8)
        self._unserved = np.zeros(len(depot.sessions))
        self._soc: NDArray[np.float64] = np.full(len(depot.vehicles), depot.initial_soc)
        self.next_state: DayState | None = None
        self.reports: list[DayReport] = []

    @property
    def schedule(self) -> DepotSchedule:
        """All that was taken so far."""
        return DepotSchedule(self._depot, self._energy, self._charger, self._unserved)

    def _add(self, day: DepotDay, report: DayReport) -> None:
        self._energy[day.entries] = day.energy_kwh
        self._charger[day.sessions] = day.charger
        self._unserved[day.sessions] += day.unserved_kwh
        self.next_state = day.after
        self.reports.append(replace(report, day=day.day))

    def take(self, day: DepotDay, task: DepotTask) -> object:
        """Add a decided day; its rows of `t_charge_demand`."""
        if day.report is None:
            raise AssertionError
        self._add(day, day.report)
        table = demand_table(
            self.schedule, day.day, task.scenario_id, magic_fill=task.magic_fill, start_soc=self._soc
        )
        self._soc = last_soc(table, len(self._depot.vehicles))
        return table

    def state(self, day: DepotDay) -> bytes:
        """What is stored of a day: the SoC after it, and its decisions."""
        return self._soc.astype("<f8").tobytes() + day.to_bytes()

    def take_stored(self, report: DayReport, state: bytes) -> None:
        """Add a day as it was stored."""
        size = 8 * len(self._depot.vehicles)
        self._soc = np.frombuffer(state[:size], dtype="<f8").astype(np.float64)
        self._add(DepotDay.from_bytes(report.day, state[size:]), report)
