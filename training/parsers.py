"""From the text of an option to the value of a setting, and back."""

import dataclasses
from collections.abc import Callable
from typing import Any

METAVARS = {"int": "INT", "float": "FLOAT", "str": "TEXT"}
NONE = "none"


@dataclasses.dataclass(frozen=True)
class Parser:
    """How an option is read.

    Args:
        parse: callable. Text → value; raises `ValueError` for a text that makes no sense.
        metavar: str. What help shows as the value.
    """

    parse: Callable[[str], Any]
    metavar: str


def of(default, kind) -> Parser:
    """Returns the parser for values like a default.

    Args:
        default: the default of a class: a number, a text, a tuple of int, or None.
        kind: str. The type of other values where the default is None: "int" or "float".
    """
    if isinstance(default, (tuple, list)):
        return Parser(sizes, "INT,INT,…")
    if default is not None:
        name = type(default).__name__
        return Parser(READERS[name], METAVARS[name])
    return Parser(optional(READERS[kind]), f"{METAVARS[kind]}|{NONE}")


def text(value) -> str:
    """Returns the text that is read as this value."""
    if isinstance(value, (tuple, list)):
        return ",".join(map(str, value))
    return NONE if value is None else str(value)


def integer(text):
    """Reads a whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number.") from None


def number(text):
    """Reads a number."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number.") from None


def sizes(text):
    """Reads whole numbers with commas between them."""
    try:
        return tuple(int(part) for part in text.strip("()[] ").split(","))
    except ValueError:
        raise ValueError(f"{text!r} is not a list of whole numbers: write 32,32,3.") from None


def optional(read):
    """Returns a reader that takes "none" for None, too."""

    def read_optional(text):
        return None if text.lower() == NONE else read(text)

    return read_optional


READERS = {"int": integer, "float": number, "str": str}
