"""Noting the scenarios of a depot run, inside a transaction of whoever notes more with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, text

from sparewatt.results.store import scenario_rows as rows_of
from sparewatt.results.store.core import is_sqlite
from sparewatt.results.store.scenario_rows import public_values
from sparewatt.results.store.tables import depot_scenarios, t_charging_scenarios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from sparewatt.results.store.scenario_rows import NewScenario, StoredScenario


def insert_scenarios(
    connection: Connection, store_run_id: int, new: Sequence[NewScenario]
) -> tuple[StoredScenario, ...]:
    """Note scenarios of a run, in order; ids follow the highest that is there."""
    if not is_sqlite(connection):  # SQLite's writers wait for each other anyway
        connection.execute(text("LOCK TABLE t_charging_scenarios IN SHARE ROW EXCLUSIVE MODE"))
    ids = (t_charging_scenarios.c.scenario_id, depot_scenarios.c.scenario_id)
    last = max(connection.execute(select(func.max(column))).scalar() or 0 for column in ids)
    first = next_position(connection, store_run_id)
    for number, what in enumerate(new):
        connection.execute(insert(t_charging_scenarios).values(public_values(last + 1 + number, what)))
        connection.execute(
            insert(depot_scenarios).values(
                scenario_id=last + 1 + number,
                store_run_id=store_run_id,
                position=first + number,
                owner="",
                attempt=0,
                edition=1,
                shown_edition=1,
                timezone="",
                error="",
            )
        )
    return rows_of.find_scenarios(connection, depot_scenarios.c.scenario_id > last)


def next_position(connection: Connection, store_run_id: int) -> int:
    """The place behind the scenarios that a run has."""
    last = connection.execute(
        select(func.max(depot_scenarios.c.position)).where(depot_scenarios.c.store_run_id == store_run_id)
    ).scalar()
    return 0 if last is None else last + 1
