"""A list of devices from a file: CSV with a header, or the [[device]] of a configuration.

Every fault is found before anything is done, and named by its line, field and value.
Tests: tests/cli/test_device_command.py.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hj212d.cli.csv_rows import delimiter, refuse, text_of
from hj212d.cli.refusal import NO, Refusal
from hj212d.config.nearest import did_you_mean
from hj212d.hub.device_changes import FIELDS, mn_of, value
from hj212d.wire.settings import DeviceSettings, sm4_key

_COLUMNS = ("mn", *FIELDS)
_SECRET = ("password",)


class DeviceFile(msgspec.Struct, frozen=True):
    """What a file says: fields by device, each with its ``mn``; SM4 keys by MN, newest first."""

    changes: list[dict[str, Any]]
    keys: dict[str, list[bytes]] = {}


def read_csv(path: Path) -> DeviceFile:
    """Devices of a CSV file; an empty cell says nothing. Refusal names all that is wrong."""
    text = text_of(path)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter(text))
    header = [name.strip().lower() for name in next(rows, [])]
    for name in header:
        if name not in _COLUMNS:
            raise Refusal(f"{path} line 1: a device has no field {name}{_near(name)}", NO)
    if "mn" not in header or len(set(header)) < len(header):
        raise Refusal(f"{path} line 1: the header needs mn, and each field once", NO)
    changes: list[dict[str, Any]] = []
    faults: list[str] = []
    lines: dict[str, int] = {}
    for cells in rows:
        line = rows.line_num
        if not any(cell.strip() for cell in cells):
            continue
        row = {
            name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()
        }
        found = [f"line {line}: {fault}" for fault in _faults(row, len(cells) - len(header))]
        mn = row.get("mn", "")
        if mn in lines:
            found.append(f'line {line}: mn = "{mn}" stands in line {lines[mn]} already')
        lines.setdefault(mn, line)
        faults += found
        changes.append(row)
    refuse(path, faults)
    return DeviceFile(changes)


def from_settings(devices: list[DeviceSettings]) -> DeviceFile:
    """The [[device]] of a configuration, which was checked when it was read."""
    changes = []
    for device in devices:
        said = {name: getattr(device, name) for name in DeviceSettings.__struct_fields__}
        del said["keys"]
        changes.append({name: one for name, one in said.items() if one != "" and one != []})
    keys = {device.mn: [sm4_key(key) for key in device.keys] for device in devices}
    return DeviceFile(changes, {mn: found for mn, found in keys.items() if found})


def _faults(row: dict[str, str], too_many: int) -> Iterator[str]:
    if too_many > 0:
        yield f"{too_many} cells more than the header has"
    try:
        mn_of(row.get("mn", ""))
    except ValueError as problem:
        yield str(problem)
    for name, cell in row.items():
        if name != "mn":
            try:
                value(name, cell)
            except ValueError as problem:
                yield str(problem)
    if ("longitude" in row) != ("latitude" in row):
        yield "longitude and latitude come together"


def _near(name: str) -> str:
    return did_you_mean(name, _COLUMNS)
