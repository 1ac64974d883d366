"""The two kinds of columns, for tests that hold for both."""

from __future__ import annotations

import pytest

from hj212d.hub import batch_columns
from hj212d.hub.batch_columns import Columns

try:
    from hj212d.hub import _columns as compiled
except ImportError:
    compiled = None  # type: ignore[assignment]

NOT_COMPILED = pytest.mark.skipif(compiled is None, reason="the compiled columns are not built")
PYTHON = pytest.param(batch_columns.BatchColumns, id="python")
COMPILED = pytest.param(compiled and compiled.BatchColumns, id="compiled", marks=NOT_COMPILED)
KINDS = [PYTHON, COMPILED]

__all__ = ["COMPILED", "KINDS", "NOT_COMPILED", "PYTHON", "Columns", "compiled"]
