"""Detectors: pure functions over arrays that tell where something began, got worse, or is over.

Each file is one kind. Its ``STATE`` is what it remembers of one thing under one rule, its
``PARAMS`` what the rule says; `step` takes many of both and one new value for each.
"""
