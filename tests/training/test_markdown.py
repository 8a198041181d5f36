"""Tables in Markdown."""

import pytest

from training import markdown

pytestmark = pytest.mark.once


def test_a_table():
    lines = markdown.table(["", "a", "b"], [["x", 1, 2.5], ["y", "", "3"]])
    assert lines == ["|  | a | b |", "|---|---|---|", "| x | 1 | 2.5 |", "| y |  | 3 |"]
