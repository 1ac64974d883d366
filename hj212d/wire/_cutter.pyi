from collections.abc import Callable

from hj212d.wire.frame import Cut
from hj212d.wire.tolerances import Tolerance

class Cutter:
    def __init__(
        self,
        max_segment_bytes: int = ...,
        tolerances: Tolerance | Callable[[str], Tolerance] = ...,
    ) -> None: ...
    @property
    def pending(self) -> int: ...
    @property
    def empty(self) -> bool: ...
    def feed(self, data: bytes) -> list[Cut]: ...
    def expire(self) -> list[Cut]: ...
