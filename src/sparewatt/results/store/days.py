"""Days of a scenario: committed one by one, each whole or not at all, none twice."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlalchemy import ColumnElement, and_, delete, func, insert, select, update

from sparewatt.errors import StoreError, StoreMissing
from sparewatt.model.schedule import DayReport
from sparewatt.results.store import demand as rows_of
from sparewatt.results.store.bulk import write_rows
from sparewatt.results.store.core import epoch_s
from sparewatt.results.store.demand import COLUMNS, Demand
from sparewatt.results.store.heartbeat import keep_beating
from sparewatt.results.store.scenario_rows import STALE_S, checked_summary, hold, is_done, set_done
from sparewatt.results.store.scenarios import Scenarios
from sparewatt.results.store.tables import depot_days, depot_scenarios, t_charge_demand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sqlalchemy.engine import Connection, Row

_REPORT = ("level", "status", "unserved_kwh", "breach_kwh", "delivered_kwh", "cost", "gap", "solve_s")


@dataclass(frozen=True)
class CommittedDay:
    """A day that is in the store.

    Parameters
    ----------
    local_date
        Date on which it begins at the site.
    report
        How it was decided.
    rows
        Number of rows of `t_charge_demand`.
    state
        What the next day starts from, as it was handed in.
    """

    local_date: date
    report: DayReport
    rows: int
    state: bytes

    @property
    def day(self) -> int:
        """Index of the planning day."""
        return self.report.day


class Days(Scenarios):
    """The part of the store that knows days and their demand."""

    def commit_day(
        self, scenario_id: int, owner: str, day: int, demand: pa.Table, report: DayReport, state: bytes
    ) -> None:
        """Commit one planning day in one transaction: its rows, its report, its state, and a heartbeat.

        Parameters
        ----------
        scenario_id, owner
            A scenario, and who claimed it.
        day
            Index of the planning day; the one after the last committed.
        demand
            Rows as :func:`sparewatt.results.depot_demand.demand_table` makes them.
        report
            How the day was decided.
        state
            What the next day starts from: any bytes.

        Raises
        ------
        StoreError
            The claim was lost, the day is there already or a day before it is not, or a row is refused.
            Nothing of the day is written then.
        """
        rows = Demand.of_table(demand, f"day {day} of scenario {scenario_id}")
        if report.day != day:
            raise StoreError(f"Day {day} of scenario {scenario_id} came with the report of day {report.day}.")
        packed = rows.packed()
        tried = False

        def work(connection: Connection) -> None:
            nonlocal tried
            again, tried = tried, True
            held = hold(connection, scenario_id, owner)
            days = _count(connection, scenario_id, held.edition)
            if again and days == day + 1:  # the connection was lost during the commit: it had gone through
                there = select(depot_days.c.demand, depot_days.c.state).where(
                    _of(scenario_id, held.edition), depot_days.c.day == day
                )
                if tuple(map(bytes, connection.execute(there).one())) == (packed, state):
                    return
            if days > day:
                raise StoreError(
                    f"Day {day} of scenario {scenario_id} is committed already; nothing was written."
                )
            if days < day:
                raise StoreError(f"Day {day} of scenario {scenario_id} came before day {days} was committed.")
            connection.execute(
                insert(depot_days).values(
                    scenario_id=scenario_id,
                    edition=held.edition,
                    day=day,
                    local_date=rows.local_date,
                    rows=len(rows),
                    state=state,
                    demand=packed,
                    **{name: getattr(report, name) for name in _REPORT},
                )
            )
            if held.edition == held.shown_edition:
                write_rows(connection, scenario_id, rows)
            if held.timezone != rows.timezone:
                connection.execute(
                    update(depot_scenarios)
                    .where(depot_scenarios.c.scenario_id == scenario_id)
                    .values(timezone=rows.timezone)
                )

        self.write(f"commit day {day} of scenario {scenario_id}", work)

    def committed_days(self, scenario_id: int, *, shown: bool = False) -> tuple[CommittedDay, ...]:
        """Committed days in order.

        Parameters
        ----------
        scenario_id
            Which scenario.
        shown
            False: those of the result that is being made, after which a worker goes on. True: those of
            the result that `read_demand` shows. They differ only while a re-run is under way.
        """
        edition = depot_scenarios.c.shown_edition if shown else depot_scenarios.c.edition
        query = (
            select(*(c for c in depot_days.c if c.name != "demand"))
            .join(depot_scenarios, depot_scenarios.c.scenario_id == depot_days.c.scenario_id)
            .where(depot_days.c.scenario_id == scenario_id, depot_days.c.edition == edition)
            .order_by(depot_days.c.day)
        )
        return self.read(
            f"list the days of scenario {scenario_id}", lambda c: tuple(_day(row) for row in c.execute(query))
        )

    def finish_scenario(
        self, scenario_id: int, owner: str, summary: Mapping[str, float | int | None]
    ) -> None:
        """Write the summary (exactly ``SUMMARY_COLUMNS``) and mark a scenario as done.

        For a re-run the new rows take the place of the old ones in the same transaction.

        Raises
        ------
        StoreError
            The claim was lost, the summary is not whole, or no day was committed.
        """
        values = checked_summary(scenario_id, summary)
        where = f"scenario {scenario_id}"
        tried = False

        def work(connection: Connection) -> None:
            nonlocal tried
            again, tried = tried, True
            if again and is_done(connection, scenario_id):
                return  # the connection was lost during the commit: it had gone through
            held = hold(connection, scenario_id, owner)
            if _count(connection, scenario_id, held.edition) == 0:
                raise StoreError(f"No day of {where} is committed, so it cannot be done.")
            if held.edition != held.shown_edition:
                parts = _packed(connection, scenario_id, held.edition)
                of_scenario = t_charge_demand.c.scenario_id == scenario_id
                connection.execute(delete(t_charge_demand).where(of_scenario))
                table = rows_of.unpack(parts, where)
                write_rows(connection, scenario_id, Demand.of_table(table, where))
                connection.execute(
                    delete(depot_days).where(
                        depot_days.c.scenario_id == scenario_id, depot_days.c.edition != held.edition
                    )
                )
                connection.execute(
                    update(depot_scenarios)
                    .where(depot_scenarios.c.scenario_id == scenario_id)
                    .values(shown_edition=held.edition)
                )
            set_done(connection, scenario_id, values)

        self.write(f"finish {where}", work)

    def read_demand(
        self,
        scenario_id: int,
        vehicle_id: str | None = None,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> pa.Table:
        """Rows of `t_charge_demand`, ordered by vehicle and then by time.

        Parameters
        ----------
        scenario_id
            Which scenario.
        vehicle_id
            Only this vehicle; read from the table by its key. Without it the days' packed rows are read,
            which are the same and ten times as fast.
        start, end
            Only left edges in [start, end), tz-aware.

        Returns
        -------
        pyarrow.Table
            As :func:`sparewatt.results.depot_demand.demand_table`; no rows where there are none.
        """

        def work(connection: Connection) -> pa.Table:
            c = depot_scenarios.c
            row = connection.execute(
                select(c.shown_edition, c.timezone).where(c.scenario_id == scenario_id)
            ).one_or_none()
            if row is None:
                raise StoreMissing(f"There is no scenario {scenario_id} in {self.label}.")
            if vehicle_id is not None:
                return _vehicle_rows(connection, scenario_id, vehicle_id, row.timezone)
            parts = _packed(connection, scenario_id, row.shown_edition, start, end)
            table = rows_of.unpack(parts, f"scenario {scenario_id}")
            return rows_of.empty_rows(row.timezone) if table is None else rows_of.as_rows(table, scenario_id)

        table = self.read(f"read the demand of scenario {scenario_id}", work)
        return rows_of.within(table, start, end)

    @contextmanager
    def keep_alive(self, scenario_id: int, owner: str, *, every_s: float = STALE_S / 4) -> Iterator[None]:
        """Heartbeats in the background while a day is solved for longer than a claim stays fresh.

        A heartbeat that fails is left to the next commit, which reports it.
        """
        name = f"keep scenario {scenario_id} alive"
        with keep_beating(name, lambda: self.heartbeat_scenario(scenario_id, owner), every_s):
            yield


def _of(scenario_id: int, edition: int) -> ColumnElement[bool]:
    return and_(depot_days.c.scenario_id == scenario_id, depot_days.c.edition == edition)


def _count(connection: Connection, scenario_id: int, edition: int) -> int:
    query = select(func.count()).select_from(depot_days).where(_of(scenario_id, edition))
    return connection.execute(query).scalar_one()


def _day(row: Row[Any]) -> CommittedDay:
    report = DayReport(day=row.day, **{name: getattr(row, name) for name in _REPORT})
    return CommittedDay(row.local_date, report, row.rows, bytes(row.state))


def _packed(
    connection: Connection,
    scenario_id: int,
    edition: int,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[bytes]:
    """Packed days in order; a day more on either side of the window, since days begin at any hour."""
    c = depot_days.c
    query = select(c.demand).where(_of(scenario_id, edition)).order_by(c.day)
    if start is not None:
        query = query.where(c.local_date >= start.date() - timedelta(days=2))
    if end is not None:
        query = query.where(c.local_date <= end.date() + timedelta(days=1))
    return [bytes(part) for part in connection.execute(query).scalars()]


def _vehicle_rows(connection: Connection, scenario_id: int, vehicle_id: str, timezone: str) -> pa.Table:
    c = t_charge_demand.c
    query = select(
        epoch_s(connection, c.datetime).label("at"),
        c.power_kw,
        c.energy_kwh,
        c.soc,
        c.charger,
        c.unserved_kwh,
    ).where(c.scenario_id == scenario_id, c.allocated_vehicle_id == vehicle_id)
    found = connection.execute(query).all()
    if not found:
        return rows_of.empty_rows(timezone)
    at, power, energy, soc, charger, unserved = zip(*found, strict=True)
    moments = pa.array([value * 1_000_000 for value in at], pa.int64()).cast(pa.timestamp("us", timezone))
    values = {
        "allocated_vehicle_id": pa.array([vehicle_id] * len(found), pa.string()),
        "datetime": moments,
        "power_kw": pa.array(power, pa.float64()),
        "energy_kwh": pa.array(energy, pa.float64()),
        "soc": pa.array(soc, pa.float64()),
        "charger": pa.array(charger, pa.string()),
        "unserved_kwh": pa.array(unserved, pa.float64()),
    }
    table = pa.table({name: values[name] for name in COLUMNS})
    return rows_of.as_rows(table.take(pa.compute.sort_indices(moments)), scenario_id)
