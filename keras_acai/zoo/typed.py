"""JSON as dataclasses: every value is checked against its field's annotation."""

import dataclasses
import functools
import sys
import types
import typing


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """A JSON object with known fields.

    A field whose name in JSON is another has it in its metadata, as "key".

    Attributes:
        more: dict. The entries that are not fields of the class; they are kept when the record is
            written again.
    """

    more: dict = dataclasses.field(default_factory=dict)

    @classmethod
    def from_json(cls, content, where="it"):
        """Makes a record of a parsed JSON value.

        Args:
            content: the value.
            where: str. What a message calls it.

        Raises:
            ValueError: for a value of another type than its field; the message names the field.
        """
        if not isinstance(content, dict):
            raise ValueError(f"{where} is {quoted(content)}, expected an object")
        kinds = _kinds(cls)
        missing = [key for key, field in kinds.items() if field.required and key not in content]
        if missing:
            raise ValueError(f"{where} has no {missing[0]!r}")
        known = {
            field.name: parse(field.kind, content[key], key)
            for key, field in kinds.items()
            if key in content
        }
        return cls(**known, more={key: content[key] for key in content if key not in kinds})

    def to_json(self):
        """The JSON object of this record; fields that are None are left out."""
        values = {key: getattr(self, field.name) for key, field in _kinds(type(self)).items()}
        known = {key: _plain(value) for key, value in values.items() if value is not None}
        return known | self.more


def parse(kind, value, where):
    """Returns a JSON value as its annotation says. A float that is not finite becomes None.

    Args:
        kind: a `Record`, str, int, float, dict, object, or list[…], dict[str, …], tuple[…],
            … | None of these.
        value: the parsed JSON value.
        where: str. What a message calls it.

    Raises:
        ValueError: for a value of another type.
    """
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return None if value is None else parse(inner[0], value, where)
    if origin is not None:
        return _parse_container(origin, inner, value, where)
    if isinstance(kind, type) and issubclass(kind, Record):
        return kind.from_json(value, where)
    if kind is not object and type(value) not in ((int, float) if kind is float else (kind,)):
        raise ValueError(f"{where} is {quoted(value)}, expected {kind.__name__}")
    is_too_large = kind is float and not abs(value) <= sys.float_info.max  # or NaN
    return None if is_too_large else value


def quoted(value, limit=100):
    """A value of a file, short enough for a message."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"


def _parse_container(origin, inner, value, where):
    parse(dict if origin is dict else list, value, where)
    if origin is dict:
        return {key: parse(inner[1], item, f"{where}[{key!r}]") for key, item in value.items()}
    if origin is tuple and len(value) != len(inner):
        raise ValueError(f"{where} is {quoted(value)}, expected {len(inner)} values")
    kinds = inner if origin is tuple else inner * len(value)
    numbered = enumerate(zip(kinds, value))
    return origin(parse(kind, item, f"{where}[{number}]") for number, (kind, item) in numbered)


class _Field(typing.NamedTuple):
    name: str
    kind: typing.Any
    required: bool


@functools.cache
def _kinds(cls):
    """Key in JSON → field."""
    hints = typing.get_type_hints(cls)
    return {
        field.metadata.get("key", field.name): _Field(
            field.name,
            hints[field.name],
            field.default is field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(cls)
        if field.name != "more"
    }


def _plain(value):
    if isinstance(value, Record):
        return value.to_json()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
