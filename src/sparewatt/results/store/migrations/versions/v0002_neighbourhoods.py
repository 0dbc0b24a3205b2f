"""Neighbourhoods that are kept in the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nothing else is touched."""
    is_sqlite = op.get_context().dialect.name == "sqlite"
    number = sa.Integer() if is_sqlite else sa.BigInteger()
    stamp = sa.Text() if is_sqlite else sa.DateTime(timezone=True)
    op.create_table(
        "community_neighbourhoods",
        sa.Column("id", number, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("files", sa.LargeBinary, nullable=False),
        sa.Column("scores", sa.JSON, nullable=False),
        sa.Column("created", stamp, nullable=False),
        sa.Column("changed", stamp, nullable=False),
    )
    if not is_sqlite:  # packed already
        op.execute("ALTER TABLE community_neighbourhoods ALTER COLUMN files SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Neighbourhoods are not thrown away by a downgrade."""
    msg = "a store is only ever upgraded; keep a copy of it to go back"
    raise NotImplementedError(msg)
