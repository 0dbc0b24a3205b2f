"""Runs may be queued for workers: marked as such, asked to stop, and counted when their worker died."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; runs that are there were begun by `sparewatt run` and stay so."""
    for name in ("submitted", "stop_wanted", "deaths"):
        op.add_column("runs", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("death_progress", sa.Double, nullable=False, server_default="0"))
    op.create_index("runs_to_take", "runs", ["submitted", "state"])
    op.create_index("runs_listed", "runs", ["study", "state", "name"])


def downgrade() -> None:
    """A queue is not thrown away by a downgrade."""
    msg = "a store is only ever upgraded; keep a copy of it to go back"
    raise NotImplementedError(msg)
