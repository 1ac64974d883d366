"""How long to wait before the next connection: longer the longer nothing comes of it.

The policy of a `ClientService`, which alone would begin anew with each connection, also when the
target closes it at once. Tests: tests/hub/forward/test_backoff.py.
"""

from __future__ import annotations

from collections.abc import Callable

# After a connection that brought something: the target closes for reasons of its own.
_EAGER = 0.1
_SPREAD = 0.25


class Backoff:
    """Waits of ``first_s``, doubled up to ``last_s``, each up to a quarter shorter or longer.

    ``random``: gives numbers from 0 to 1, so that targets that died together are not tried
    together.
    """

    def __init__(self, first_s: float, last_s: float, random: Callable[[], float]) -> None:
        self._first_s = first_s
        self._last_s = last_s
        self._random = random
        self._fruitless = 0

    def gained(self) -> None:
        """This connection brought something."""
        self._fruitless = -1

    def __call__(self, _attempts: int) -> float:
        """Seconds to wait now."""
        self._fruitless += 1
        if self._fruitless:
            wait = min(self._last_s, self._first_s * 2.0 ** min(self._fruitless - 1, 60))
        else:
            wait = self._first_s * _EAGER
        return wait * (1 - _SPREAD + 2 * _SPREAD * self._random())
