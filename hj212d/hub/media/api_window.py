"""Other media as the API sees them: :class:`admin.media_api.OtherMedia` in the page threads.

Tests: tests/hub/media/test_media_desk.py.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from admin.commands import Declined
from admin.source import NotAvailable, Row
from hj212d.hub.media.desk import MediaDesk
from hj212d.hub.media.requests import Asked, Assess, Emissions, Rivers
from hj212d.hub.slow_work import Busy, TookTooLong
from hj212d.hub.times import BEIJING
from store.registry.errors import RegistryUnavailable
from store.timeseries import StoreUnavailable

MOST_ROWS = 200_000

_REQUESTS: dict[str, type[Asked]] = {
    "assess": Assess,
    "emissions": Emissions,
    "rivers": Rivers,
}
_LATER = "请稍后再试 · "


class ApiWindow:
    """What the API may ask."""

    def __init__(self, desk: MediaDesk) -> None:
        self._desk = desk

    def rows(self, what: str, asked: dict[str, Any]) -> list[Row]:
        """Rows of "assess", "emissions" or "rivers"; moments in ISO 8601, Beijing time. Declined
        says what is wrong with the question, NotAvailable that it is to be asked again."""
        try:
            table = self._desk.table(msgspec.convert(asked, _REQUESTS[what], strict=False))
        except msgspec.ValidationError as fault:
            sentence, _, place = str(fault).partition(" - at `$.")
            field = place.rstrip("`").partition("[")[0] or "from"
            raise Declined(f"{field}: {sentence}", field) from fault
        except ValueError as problem:
            field = "mn" if "medium" in str(problem) else "from"
            raise Declined(str(problem), field) from problem
        except (Busy, TookTooLong, StoreUnavailable, RegistryUnavailable) as problem:
            raise NotAvailable(f"{_LATER}{problem}") from problem
        if table.num_rows > MOST_ROWS:
            raise Declined(
                f"{table.num_rows} rows are more than {MOST_ROWS}: ask in pieces", "from"
            )
        return [{name: _value(value) for name, value in row.items()} for row in table.to_pylist()]


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).astimezone(BEIJING).isoformat()
    return value
