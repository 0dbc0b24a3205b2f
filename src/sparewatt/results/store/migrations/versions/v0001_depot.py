"""Runs, KPIs, findings, limits and the tables of the depot.

Whatever of the depot's two public tables a user's database already has is left as it is; that it fits
was checked before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTS = ("num_breach_days", "num_magic_days", "num_timed_out_days")
SUMMARY = (
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


def upgrade() -> None:
    """Make the tables that are not there."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    is_sqlite = op.get_context().dialect.name == "sqlite"
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    stamp = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    _runs(number, stamp)
    if "t_charging_scenarios" not in there:
        _charging_scenarios(number)
    if "t_charge_demand" not in there:
        _charge_demand(number, stamp, is_sqlite=is_sqlite)
    _depot(number)
    if not is_sqlite:  # both are packed already
        op.execute("ALTER TABLE depot_days ALTER COLUMN demand SET STORAGE EXTERNAL")
        op.execute("ALTER TABLE depot_days ALTER COLUMN state SET STORAGE EXTERNAL")


def _runs(number: sa.types.TypeEngine[int], stamp: sa.Text | sa.DateTime) -> None:
    """Runs and what belongs to a run."""
    op.create_table(
        "runs",
        sa.Column("id", number, primary_key=True),
        sa.Column("study", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("input_hash", sa.Text, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("versions", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("heartbeat", sa.Double),
        sa.Column("progress", sa.Double, nullable=False),
        sa.Column("created", stamp, nullable=False),
        sa.Column("started", stamp),
        sa.Column("ended", stamp),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("directory", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')"),
        sa.CheckConstraint("progress >= 0 AND progress <= 1"),
        sqlite_autoincrement=True,  # the id of a run is never used again
    )
    op.create_index("runs_name", "runs", ["name"])
    op.create_table(
        "kpis",
        sa.Column("id", number, primary_key=True),
        sa.Column("run_id", number, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("scenario_id", number),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("is_count", sa.Integer, nullable=False),
        sa.Column("better", sa.Text),
    )
    op.create_index("kpis_run", "kpis", ["run_id", "scenario_id"])
    op.create_table(
        "findings",
        sa.Column("id", number, primary_key=True),
        sa.Column("run_id", number, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("scenario_id", number),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("where", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.Column("ids", sa.JSON, nullable=False),
        sa.Column("margin", sa.Double),
    )
    op.create_index("findings_run", "findings", ["run_id", "scenario_id"])
    op.create_table(
        "limits",
        sa.Column("run_id", number, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("zone", sa.Text, primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
    )


def _charging_scenarios(number: sa.types.TypeEngine[int]) -> None:
    """One row per allocation and mode, with its summary."""
    op.create_table(
        "t_charging_scenarios",
        sa.Column("scenario_id", number, primary_key=True, autoincrement=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("allocation_id", sa.Text, nullable=False),
        sa.Column("smart_charging", sa.Integer, nullable=False),
        sa.Column("schedule_status", sa.Text, nullable=False),
        sa.Column("charger1", sa.Double, nullable=False),
        sa.Column("charger2", sa.Double, nullable=False),
        sa.Column("num_charger1", sa.Integer, nullable=False),
        sa.Column("num_charger2", sa.Integer, nullable=False),
        sa.Column("charger_type", sa.Text, nullable=False),
        *(sa.Column(name, sa.Integer if name in COUNTS else sa.Double) for name in SUMMARY),
        sa.CheckConstraint("schedule_status IN ('n', 'p', 'd', 'f')"),
    )


def _charge_demand(
    number: sa.types.TypeEngine[int], stamp: sa.Text | sa.DateTime, *, is_sqlite: bool
) -> None:
    """Vehicle x period.

    SQLite keeps the rows in the tree of their key: smallest file, and a vehicle's year in one place.
    PostgreSQL has a short index that repeats compress well in; a unique one costs half as much again in
    time and space, and a day's row in depot_days already forbids to write it twice.
    """
    columns = (
        sa.Column("scenario_id", number, nullable=False),
        sa.Column("allocated_vehicle_id", sa.Text, nullable=False),
        sa.Column("datetime", stamp, nullable=False),
        sa.Column("power_kw", sa.Double, nullable=False),
        sa.Column("energy_kwh", sa.Double, nullable=False),
        sa.Column("soc", sa.Double, nullable=False),
        sa.Column("charger", sa.Text, nullable=False),
        sa.Column("unserved_kwh", sa.Double, nullable=False),
    )
    key = ("scenario_id", "allocated_vehicle_id", "datetime")
    if is_sqlite:
        op.create_table("t_charge_demand", *columns, sa.PrimaryKeyConstraint(*key), sqlite_with_rowid=False)
    else:
        op.create_table("t_charge_demand", *columns)
        op.create_index("t_charge_demand_vehicle", "t_charge_demand", list(key[:2]))


def _depot(number: sa.types.TypeEngine[int]) -> None:
    """Who works on a scenario, and which days are committed."""
    op.create_table(
        "depot_scenarios",
        sa.Column("scenario_id", number, primary_key=True, autoincrement=False),
        sa.Column("store_run_id", number, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("heartbeat", sa.Double),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("shown_edition", sa.Integer, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("depot_scenarios_run", "depot_scenarios", ["store_run_id", "position"])
    op.create_table(
        "depot_days",
        sa.Column("scenario_id", number, sa.ForeignKey("depot_scenarios.scenario_id"), primary_key=True),
        sa.Column("edition", sa.Integer, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("local_date", sa.Date, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("unserved_kwh", sa.Double, nullable=False),
        sa.Column("breach_kwh", sa.Double, nullable=False),
        sa.Column("delivered_kwh", sa.Double, nullable=False),
        sa.Column("cost", sa.Double, nullable=False),
        sa.Column("gap", sa.Double, nullable=False),
        sa.Column("solve_s", sa.Double, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("demand", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    """Results are not thrown away by a downgrade."""
    msg = "a store is only ever upgraded; keep a copy of it to go back"
    raise NotImplementedError(msg)
