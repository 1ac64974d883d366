"""How a command ends early: one sentence for a person, and an exit status."""

from __future__ import annotations

NO = 1
WRONG_USE = 2


class Refusal(Exception):
    """The command cannot or will not go on. ``status``: 1 when the answer is "no", else 2."""

    def __init__(self, sentence: str, status: int = WRONG_USE) -> None:
        super().__init__(sentence)
        self.status = status
