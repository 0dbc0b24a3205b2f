"""The tables of the store as SQLAlchemy sees them; `migrations` makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by INTEGER alone


class Stamp(TypeDecorator[datetime]):
    """A tz-aware time: `timestamptz` in PostgreSQL, ISO text with its offset in SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Column type of a dialect."""
        kind = Text() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401 - of the driver
        """Time on its way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a time without its offset reached the store"
            raise ValueError(msg)
        return value.isoformat() if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401 - of the driver
        """Time on its way out."""
        del dialect
        moment: datetime | None = datetime.fromisoformat(value) if isinstance(value, str) else value
        if moment is not None and moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)  # earlier versions left the offset of starts out
        return moment


metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("study", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("input_hash", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("versions", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("heartbeat", Double),
    Column("progress", Double, nullable=False),
    Column("created", Stamp, nullable=False),
    Column("started", Stamp),
    Column("ended", Stamp),
    Column("error", Text, nullable=False),
    Column("directory", Text, nullable=False),
    Column("submitted", Integer, nullable=False, server_default="0"),  # 1: workers take it from the queue
    Column("stop_wanted", Integer, nullable=False, server_default="0"),  # 1: its worker is asked to stop
    Column("deaths", Integer, nullable=False, server_default="0"),  # of its workers, without moving on
    Column("death_progress", Double, nullable=False, server_default="0"),  # how far it was when one died
)

kpis = Table(
    "kpis",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("scenario_id", Id),
    Column("name", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("value", Double),
    Column("is_count", Integer, nullable=False),
    Column("better", Text),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Id, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("scenario_id", Id),
    Column("rule", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("where", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("ids", JSON, nullable=False),
    Column("margin", Double),
)

limits = Table(
    "limits",
    metadata,
    Column("run_id", Id, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("zone", Text, primary_key=True),
    Column("path", Text, nullable=False),
)

COUNTS = ("num_breach_days", "num_magic_days", "num_timed_out_days")
"""Columns of the summary that hold whole numbers."""

SUMMARY_COLUMNS = (
    "energy_delivered_kwh",
    "energy_unserved_kwh",
    "cost",
    "excess_capacity_cost",
    *COUNTS,
    "breach_kwh",
    "max_breach_kw",
    "peak_site_kw",
    "lowest_soc",
    "highest_soc",
    "gap_median",
    "gap_worst",
    "solve_seconds",
)
"""The summary of a scenario in `t_charging_scenarios`, empty until it is done."""

t_charging_scenarios = Table(
    "t_charging_scenarios",
    metadata,
    Column("scenario_id", Id, primary_key=True, autoincrement=False),
    Column("run_id", Text, nullable=False),
    Column("allocation_id", Text, nullable=False),
    Column("smart_charging", Integer, nullable=False),
    Column("schedule_status", Text, nullable=False),
    Column("charger1", Double, nullable=False),
    Column("charger2", Double, nullable=False),
    Column("num_charger1", Integer, nullable=False),
    Column("num_charger2", Integer, nullable=False),
    Column("charger_type", Text, nullable=False),
    *(Column(name, Integer if name in COUNTS else Double) for name in SUMMARY_COLUMNS),
)

t_charge_demand = Table(
    "t_charge_demand",
    metadata,
    Column("scenario_id", Id, nullable=False),
    Column("allocated_vehicle_id", Text, nullable=False),
    Column("datetime", Stamp, nullable=False),
    Column("power_kw", Double, nullable=False),
    Column("energy_kwh", Double, nullable=False),
    Column("soc", Double, nullable=False),
    Column("charger", Text, nullable=False),
    Column("unserved_kwh", Double, nullable=False),
)

depot_scenarios = Table(
    "depot_scenarios",
    metadata,
    Column("scenario_id", Id, primary_key=True, autoincrement=False),
    Column("store_run_id", Id, ForeignKey("runs.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("heartbeat", Double),
    Column("attempt", Integer, nullable=False),  # how often it was claimed
    Column("edition", Integer, nullable=False),  # the result that is being made, or was made last
    Column("shown_edition", Integer, nullable=False),  # the result whose rows are in t_charge_demand
    Column("timezone", Text, nullable=False),
    Column("error", Text, nullable=False),
)

depot_days = Table(
    "depot_days",
    metadata,
    Column("scenario_id", Id, ForeignKey("depot_scenarios.scenario_id"), primary_key=True),
    Column("edition", Integer, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("local_date", Date, nullable=False),
    Column("level", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("unserved_kwh", Double, nullable=False),
    Column("breach_kwh", Double, nullable=False),
    Column("delivered_kwh", Double, nullable=False),
    Column("cost", Double, nullable=False),
    Column("gap", Double, nullable=False),
    Column("solve_s", Double, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),  # what the next day starts from
    Column("demand", LargeBinary, nullable=False),  # the day's rows once more, packed: read 10 x faster
)

community_neighbourhoods = Table(
    "community_neighbourhoods",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("files", LargeBinary, nullable=False),  # packed texts by path
    Column("scores", JSON, nullable=False),
    Column("created", Stamp, nullable=False),
    Column("changed", Stamp, nullable=False),
)

USER_TABLES = ("t_charging_scenarios", "t_charge_demand")
"""Tables that a user's own database may already have."""
