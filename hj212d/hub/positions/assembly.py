"""The room of positions, put together. Tests: tests/hub/positions/test_position_service.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hj212d.hub.commands.ear import EarService
from hj212d.hub.connection import Answering
from hj212d.hub.positions.requests import Position, Positions
from hj212d.hub.positions.service import PositionService
from hj212d.hub.positions.settings import PositionSettings
from hj212d.hub.registry_service import RegistryService
from hj212d.hub.requests import Request


def make_positions(
    reactor: Any,
    *,
    registry: RegistryService,
    ear: EarService,
    settings: PositionSettings,
    now_us: Callable[[], int],
) -> tuple[PositionService, dict[type[Request], Answering]]:
    """The service, and what it answers on the control socket. Its ``observe`` wants the batches
    that the store has committed."""
    service = PositionService(
        reactor, registry=registry, ear=ear, settings=settings, now_us=now_us
    )
    return service, {Positions: service.positions, Position: service.position}
