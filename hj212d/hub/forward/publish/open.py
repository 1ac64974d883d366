"""From the settings of a target to its publisher: the one place that knows which kinds there are.

The clients are extras of the installation; a missing one is said when the target is set up.
Tests: tests/hub/forward/publish/test_open_publisher.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from hj212d.hub.forward.publish import kafka, mqtt, target, webhook
from hj212d.hub.forward.publish.channel import Channel, Ear
from hj212d.hub.forward.publish.message import Messages
from hj212d.hub.forward.publish.publisher import Publisher
from hj212d.hub.forward.settings import ForwardSettings
from hj212d.wire.frame import Device

_NEEDS = {"mqtt": "paho", "kafka": "confluent_kafka"}
_MAKERS: dict[str, Callable[[ForwardSettings, Any], Callable[[Ear], Channel]]] = {
    "mqtt": mqtt.channels,
    "kafka": kafka.channels,
    "http": webhook.channels,
}


def open_publisher(
    settings: ForwardSettings, reactor: Any, device: Callable[[str], Device]
) -> Publisher:
    """The outlet of a target that publishes. ``device``: mn -> tolerances and keys.

    ValueError, one sentence, when its settings cannot be used or its client is not installed.
    """
    key, why = target.problem(settings)
    if key:
        raise ValueError(f"{key}: {why}")
    needs = _NEEDS.get(settings.kind)
    if needs is not None and find_spec(needs) is None:
        raise ValueError(
            f"kind {settings.kind} needs a client that is not installed: "
            f"pip install 'hj212d[{settings.kind}]'"
        )
    channels = _MAKERS[settings.kind](settings, reactor)
    return Publisher(settings, reactor, Messages(device), channels, random.random)
