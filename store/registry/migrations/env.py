"""What Alembic runs around the steps: on the connection that it is given, in its transaction.

Tests: tests/store/registry/test_migrations.py.
"""

from __future__ import annotations

from alembic import context

from store.registry.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
