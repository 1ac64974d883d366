"""The decimals that a limit is written with. What a step does never changes again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Limits that are there keep those of their number."""
    op.add_column("limits", sa.Column("decimals", sa.SmallInteger(), nullable=True))
