"""Help texts come from docstrings."""

import pytest

from training import documentation

pytestmark = pytest.mark.once


class General:
    """Something.

    Args:
        size: int. The size of it, such as 3.5. Defaults to 4.
        shape: tuple (height, width). Both are even. Defaults to (32, 32).
        rate: float or None. The rate of one part.
            Defaults to None: that of the others.
        kind: "hot", or "cold": cooled first. Defaults to "hot".
        **kwargs: other things.

    Raises:
        ValueError: for a bad size.
    """


class Special(General):
    """Something special.

    Args:
        size, depth: int. Both sizes. Defaults to 1.
    """


def test_entries_and_their_parts():
    found = documentation.arguments(General)
    assert list(found) == ["size", "shape", "rate", "kind", "**kwargs"]
    assert documentation.kind(found["size"]) == "int"
    assert documentation.kind(found["rate"]) == "float"
    assert documentation.kind(found["kind"]) == "str"
    meanings = {name: documentation.meaning(text) for name, text in found.items()}
    assert meanings["size"] == "The size of it, such as 3.5."
    assert meanings["shape"] == "(height, width). Both are even."
    assert meanings["rate"] == "The rate of one part. None: that of the others."
    assert meanings["kind"] == '"hot", or "cold": cooled first.'


def test_a_later_class_goes_first():
    found = documentation.arguments(General, Special)
    assert found["size"] == found["depth"] == "int. Both sizes. Defaults to 1."
    assert "kind" in found and documentation.arguments(object) == {}
