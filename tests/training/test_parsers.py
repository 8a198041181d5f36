"""Options are read as values like their defaults, and written back."""

import pytest
from conftest import check_refused

from training import parsers

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "default, kind, value, metavar",
    [
        (4, "int", 5, "INT"),
        (0.5, "float", 1e-4, "FLOAT"),
        ("constant", "str", "cosine", "TEXT"),
        ((100, 100), "tuple", (7,), "INT,INT,…"),
        (None, "int", 6, "INT|none"),
        (None, "int", None, "INT|none"),
        (None, "float", 0.5, "FLOAT|none"),
    ],
)
def test_text_and_value(default, kind, value, metavar):
    parser = parsers.of(default, kind)
    read = parser.parse(parsers.text(value))
    assert (read, type(read), parser.metavar) == (value, type(value), metavar)


def test_what_is_not_a_value():
    check_refused("'1.5' is not a whole number", parsers.integer, "1.5")
    check_refused("'x' is not a number", parsers.number, "x")
    check_refused("write 32,32,3", parsers.sizes, "1;2")
