"""``python -m bench fuzz``: the protocol room by its own rules, or against its twin.

Tests: tests/wire/test_fuzz.py, tests/wire/test_twins.py.
"""

from __future__ import annotations

import json
import os

import click

from bench import fuzz, fuzz_twins


@click.command(help="Random and mutated bytes into the protocol room; failures become seed files.")
@click.option("--inputs", default=200_000, show_default=True, help="How many.")
@click.option("--seed", default=1, show_default=True)
@click.option("--seconds", type=float, help="At most so long.  [default: until all are done]")
@click.option("--processes", default=os.cpu_count() or 1, show_default=True)
@click.option("--twins", is_flag=True, help="Compare the compiled codec with the Python one.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def main(
    inputs: int, seed: int, seconds: float | None, processes: int, twins: bool, as_json: bool
) -> None:
    share_of = fuzz_twins.work if twins else fuzz.work
    result = fuzz.run(inputs, seed, seconds, processes, share_of=share_of)
    print(json.dumps(result, indent=None if as_json else 2))
    if result["failures"]:
        raise SystemExit(1)
