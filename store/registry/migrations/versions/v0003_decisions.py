"""What people decide about readings: sites, reviews, events, limits, and what was published.

What a step does never changes again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_DOUBLE = sa.Float(precision=53)


def upgrade() -> None:
    """Make them all."""
    op.create_table(
        "sites",
        sa.Column("mn", sa.Text(), nullable=False),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("air_class", sa.SmallInteger(), nullable=False),
        sa.Column("programme", sa.JSON(), nullable=False),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("hour_from", sa.JSON(), nullable=False),
        sa.Column("reference_o2", _DOUBLE, nullable=True),
        sa.Column("stack_area_m2", _DOUBLE, nullable=True),
        sa.Column("outlet", sa.JSON(), nullable=False),
        sa.Column("water", sa.JSON(), nullable=False),
        sa.Column("noise_zone", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mn", name="pk_sites"),
    )
    op.create_table(
        "reviews",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("mn", sa.Text(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("start", _MOMENT, nullable=False),
        sa.Column("end", _MOMENT, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("revoked_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.UniqueConstraint("change", name="uq_reviews_change"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reviews_mn_end", "reviews", ["mn", "end"], unique=False)
    op.create_index("ix_reviews_end", "reviews", ["end"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area", sa.JSON(), nullable=False),
        sa.Column("start", _MOMENT, nullable=False),
        sa.Column("end", _MOMENT, nullable=False),
        sa.Column("pollutants", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_end", "events", ["end"], unique=False)
    op.create_table(
        "limits",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("mn", sa.Text(), nullable=False),
        sa.Column("factor", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("stat", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("low", _DOUBLE, nullable=True),
        sa.Column("high", _DOUBLE, nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_limits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_limits_mn_factor", "limits", ["mn", "factor"], unique=False)
    op.create_table(
        "bulletins",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("start", _MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("correction", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bulletins"),
        sa.UniqueConstraint(
            "kind", "place", "start", "version", name="uq_bulletins_kind_place_start_version"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulletins_kind_start", "bulletins", ["kind", "start"], unique=False)
