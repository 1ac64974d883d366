from collections.abc import Callable

from hj212d.journal.errors import State
from hj212d.link.commits import Journal, Waiting

class Commits:
    frames: int
    oversize: int
    bytes_in: int
    acked: int
    pending_bytes: int
    def __init__(
        self,
        journal: Journal,
        call_soon: Callable[[Callable[[], None]], object],
        on_progress: Callable[[], None],
    ) -> None: ...
    @property
    def state(self) -> State: ...
    def add(
        self, record: bytes, link: Waiting | None = ..., answer: bytes | None = ...
    ) -> int: ...
    def flush(self) -> None: ...

class Express:
    @property
    def generation(self) -> int: ...
    @property
    def commits(self) -> Commits: ...
    @property
    def link_pending_bytes(self) -> int: ...
    def __init__(
        self,
        commits: Commits,
        clock: Callable[[], float],
        now_us: Callable[[], int],
        moved: dict[int, dict[str, float]],
    ) -> None: ...
    def set(
        self,
        answer_of: Callable[[str, str, bool | None], str | None],
        link_pending_bytes: int,
    ) -> None: ...

class ExpressLink:
    @property
    def badged(self) -> bool: ...
    def give_badge(self, limit: int, password: bytes | None) -> None: ...
    def take_badge(self) -> None: ...
    def data_received(self, data: bytes) -> None: ...
    def take_plain(self, data: bytes, at: int) -> int: ...
