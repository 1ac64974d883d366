"""Who wants a link's reading paused, as bits; and the time that never was.

Used by the compiled express, too. Tests: tests/link/test_sweep.py.
"""

from __future__ import annotations

NEVER = -1.0

JOURNAL = 1  # its records wait for the journal
PEER = 2  # the peer does not read its answers
WORKER = 4  # the journal takes nothing, or too much waits in all
SHARE = 8  # the bytes a second of its address are used up
CLOSING = 16  # it is closed when its last answers are out
TURN = 32  # it sent so much that needs judgement that others come first

OTHERS = JOURNAL | PEER | WORKER | SHARE  # that what was read already must wait for, too
