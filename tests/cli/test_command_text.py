"""Data of commands as tables, wide and long."""

from __future__ import annotations

from hj212d.cli.command_text import catalogue_rows, data_table


def test_few_fields_stand_side_by_side() -> None:
    """A row for each frame; what one does not have stays empty."""
    data = [{"cn": "1011", "qn": "1", "cp": {"a": "1", "b": "2"}}, {"qn": "2", "cp": {"b": "3"}}]
    assert data_table(data) == (["a", "b"], [["1", "2"], ["", "3"]])


def test_many_fields_stand_one_below_the_other() -> None:
    """More than fit on a screen: a row for each factor, a column for what is said of it."""
    cp = {"DataTime": "20260101000000", "Status": "1"}
    cp |= {f"w{n}-{suffix}": f"{n}" for n in range(5) for suffix in ("Avg", "Flag")}
    columns, rows = data_table([{"cn": "2051", "qn": "1", "cp": cp}])
    assert columns == ["DataTime", "field", "value", "Avg", "Flag"]
    assert rows[0] == ["20260101000000", "Status", "1", "", ""]
    assert rows[1] == ["20260101000000", "w0", "", "0", "0"]
    assert len(rows) == 6


def test_forms_of_arguments() -> None:
    """What may be missing stands in brackets, what may come several times has dots."""
    parameter = {"name": "PolId", "required": True, "repeated": False}
    request = {
        "name": "x",
        "cn": "1",
        "versions": ["2017"],
        "name_zh": "",
        "name_en": "X",
        "parameters": [parameter, {**parameter, "required": False, "repeated": True}],
    }
    (row,) = catalogue_rows([request])
    assert row == ["x", "1", "2017", "PolId= [PolId=...]", "X"]
