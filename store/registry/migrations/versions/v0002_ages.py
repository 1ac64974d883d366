"""Indexes by age, for what is forgotten bit by bit. What a step does never changes again."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make them."""
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.create_index("ix_commands_finished_at", "commands", ["finished_at"], unique=False)
    op.create_index("ix_gaps_closed_at", "gaps", ["closed_at"], unique=False)
