"""Scenarios of the depot as rows: what they are made of, and what every change of them rests on."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, select, update

from sparewatt.errors import StoreError
from sparewatt.results.store.core import now_s
from sparewatt.results.store.owner import is_gone
from sparewatt.results.store.tables import (
    COUNTS,
    SUMMARY_COLUMNS,
    depot_scenarios,
    t_charging_scenarios,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.engine import Connection, Row

    from sparewatt.model.depot import Depot, Mode

ScenarioStatus = Literal["n", "p", "d", "f"]
"""New, in progress, done, failed."""

Summary = dict[str, float | int | None]

STALE_S = 30.0
"""A claim whose heartbeat is older may be taken over [s]."""

JOINED = depot_scenarios.join(
    t_charging_scenarios, depot_scenarios.c.scenario_id == t_charging_scenarios.c.scenario_id
)


@dataclass(frozen=True)
class NewScenario:
    """What a scenario is made of.

    Parameters
    ----------
    run_id, allocation_id
        The user's own run and allocation, as they wrote them.
    mode
        ``"BAU"`` or ``"opt"``.
    charger1, charger2
        Rating of the AC and the DC chargers [kW].
    num_charger1, num_charger2
        How many there are.
    """

    run_id: str
    allocation_id: str
    mode: Mode
    charger1: float
    charger2: float
    num_charger1: int
    num_charger2: int

    @classmethod
    def of_depot(cls, run_id: str, depot: Depot, mode: Mode) -> NewScenario:
        """The scenario of one allocation in one mode."""
        c = depot.chargers
        return cls(run_id, depot.allocation_id, mode, c.ac_kw, c.dc_kw, c.num_ac, c.num_dc)

    @property
    def charger_type(self) -> str:
        """``mixed`` where there are AC and DC chargers, else ``uniform``."""
        has_ac = self.charger1 > 0 and self.num_charger1 > 0
        has_dc = self.charger2 > 0 and self.num_charger2 > 0
        return "mixed" if has_ac and has_dc else "uniform"


@dataclass(frozen=True)
class StoredScenario:
    """One scenario in the store.

    Parameters
    ----------
    scenario_id, store_run_id, position
        Its number, the run (of `runs`) that made it last, and its place in that run.
    what
        What it is made of.
    status
        ``n``, ``p``, ``d`` or ``f``.
    owner, attempt
        Who works on it, and how often it was claimed.
    is_rerun
        The result that is being made will take the place of one that is still shown.
    summary
        The columns of the summary, ``None`` until it is done the first time.
    error
        Why it failed.
    """

    scenario_id: int
    store_run_id: int
    position: int
    what: NewScenario
    status: ScenarioStatus
    owner: str
    attempt: int
    is_rerun: bool
    summary: Summary
    error: str


def hold(connection: Connection, scenario_id: int, owner: str) -> Row[Any]:
    """Check that ``owner`` has the claim, freshen its heartbeat, and keep others off until the commit.

    Returns
    -------
    Row
        ``edition``, ``shown_edition`` and ``timezone`` of the scenario.

    Raises
    ------
    StoreError
        The claim was lost.
    """
    c = depot_scenarios.c
    row = connection.execute(
        update(depot_scenarios)
        .where(c.scenario_id == scenario_id, c.owner == owner)
        .values(heartbeat=now_s(connection))
        .returning(c.edition, c.shown_edition, c.timezone)
    ).one_or_none()
    if row is None:
        holder = connection.execute(select(c.owner).where(c.scenario_id == scenario_id)).scalar()
        now = f"it belongs to {holder} now" if holder else "nobody holds it now"
        raise StoreError(
            f"Scenario {scenario_id} is not claimed by {owner} any more: {now}. Nothing was written; "
            "what was committed stays."
        )
    return row


def checked_summary(scenario_id: int, summary: Mapping[str, float | int | None]) -> dict[str, object]:
    """A summary with exactly its columns, every value a finite number or missing.

    Raises
    ------
    StoreError
        It is otherwise.
    """
    missing = [name for name in SUMMARY_COLUMNS if name not in summary]
    unknown = [name for name in summary if name not in SUMMARY_COLUMNS]
    odd = [name for name, value in summary.items() if value is not None and not isfinite(value)]
    for names, words in ((missing, "lacks"), (unknown, "has unknown"), (odd, "has no finite number for")):
        if names:
            raise StoreError(f"The summary of scenario {scenario_id} {words} {', '.join(names)}.")
    return {
        name: None if value is None else int(value) if name in COUNTS else float(value)
        for name, value in summary.items()
    }


def is_busy(row: Row[Any], now: float, stale_s: float) -> bool:
    """Whether a living worker holds a scenario; ``now`` is the database's clock [s since the epoch]."""
    fresh = row.heartbeat is not None and row.heartbeat >= now - stale_s
    return bool(row.schedule_status == "p" and fresh and not is_gone(row.owner))


def let_go(connection: Connection, scenario_id: int, *, error: str) -> None:
    """Nobody holds a scenario any more."""
    connection.execute(
        update(depot_scenarios)
        .where(depot_scenarios.c.scenario_id == scenario_id)
        .values(owner="", heartbeat=None, error=error)
    )


def set_status(connection: Connection, scenario_id: int, status: ScenarioStatus) -> None:
    """Move a scenario on, for all to see."""
    connection.execute(
        update(t_charging_scenarios)
        .where(t_charging_scenarios.c.scenario_id == scenario_id)
        .values(schedule_status=status)
    )


def set_done(connection: Connection, scenario_id: int, summary: Mapping[str, object]) -> None:
    """Write the summary of a scenario and let go of it."""
    let_go(connection, scenario_id, error="")
    connection.execute(
        update(t_charging_scenarios)
        .where(t_charging_scenarios.c.scenario_id == scenario_id)
        .values(schedule_status="d", **summary)
    )


def is_done(connection: Connection, scenario_id: int) -> bool:
    """Whether a scenario is done."""
    c = t_charging_scenarios.c
    status = connection.execute(select(c.schedule_status).where(c.scenario_id == scenario_id)).scalar()
    return bool(status == "d")


def public_values(scenario_id: int, what: NewScenario) -> dict[str, object]:
    """A new row of `t_charging_scenarios`."""
    return {
        "scenario_id": scenario_id,
        "run_id": what.run_id,
        "allocation_id": what.allocation_id,
        "smart_charging": int(what.mode == "opt"),
        "schedule_status": "n",
        "charger1": what.charger1,
        "charger2": what.charger2,
        "num_charger1": what.num_charger1,
        "num_charger2": what.num_charger2,
        "charger_type": what.charger_type,
    }


def scenario_rows(connection: Connection, where: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Rows of both tables of a scenario, run by run in order."""
    public = [c for c in t_charging_scenarios.c if c.name != "scenario_id"]
    query = select(depot_scenarios, *public).select_from(JOINED).where(where)
    return connection.execute(
        query.order_by(depot_scenarios.c.store_run_id, depot_scenarios.c.position)
    ).all()


def find_scenarios(connection: Connection, where: ColumnElement[bool]) -> tuple[StoredScenario, ...]:
    """The same as nouns."""
    return tuple(
        StoredScenario(
            scenario_id=row.scenario_id,
            store_run_id=row.store_run_id,
            position=row.position,
            what=NewScenario(
                row.run_id,
                row.allocation_id,
                "opt" if row.smart_charging else "BAU",
                row.charger1,
                row.charger2,
                row.num_charger1,
                row.num_charger2,
            ),
            status=row.schedule_status,
            owner=row.owner,
            attempt=row.attempt,
            is_rerun=row.edition != row.shown_edition,
            summary={name: getattr(row, name) for name in SUMMARY_COLUMNS},
            error=row.error,
        )
        for row in scenario_rows(connection, where)
    )
