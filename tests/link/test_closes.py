"""hj212d/link/closes.py: the list of reasons why links end."""

from hj212d.link.closes import REFUSALS, Close


def test_each_reason_has_a_label_and_a_line_of_help() -> None:
    """What is journalled and shown is the label; each has its own line of help."""
    assert f"{Close.HALF_FRAMES}" == "half_frames"
    assert all(why.help and "\n" not in why.help for why in Close)
    assert len({why.help for why in Close}) == len(Close)


def test_refusals_are_reasons_of_their_own() -> None:
    """What is refused at the door says so in its help, and nothing else does."""
    assert {why for why in Close if why.help.startswith("refused:")} == REFUSALS
