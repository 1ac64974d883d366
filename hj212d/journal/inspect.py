"""What an operator does with a journal: ``ls``, ``check``, ``repair``, in one place.

Tests: tests/journal/test_inspect.py.
"""

from hj212d.journal.checking import Check, Finding, check
from hj212d.journal.listing import LaneListing, ReaderListing, SegmentListing, ls
from hj212d.journal.repair import Repair, repair

__all__ = [
    "Check",
    "Finding",
    "LaneListing",
    "ReaderListing",
    "Repair",
    "SegmentListing",
    "check",
    "ls",
    "repair",
]
