"""What the docstrings of classes say of their arguments, as help for the command line."""

import inspect
import re

ENTRY = re.compile(r"^    (\*{0,2}\w+(?:, \*{0,2}\w+)*): ", re.MULTILINE)
KIND = re.compile(r"tuple (?=\()|(?:int|float|str|tuple|dict|bool)\b.*?\. ")


def arguments(*classes) -> dict[str, str]:
    """Returns name → entry in the `Args:` section of each class; a later class goes first.

    An entry is the type and the meaning: "float. The weight of the KL term. Defaults to 1.0."
    """
    found = {}
    for documented in classes:
        section = re.search(
            r"^Args:\n(.*?)(?=^\S|\Z)", inspect.getdoc(documented) or "", re.M | re.S
        )
        parts = ENTRY.split(section[1])[1:] if section else []
        for names, text in zip(parts[::2], parts[1::2]):
            found |= dict.fromkeys(names.split(", "), " ".join(text.split()))
    return found


def kind(text) -> str:
    """Returns the type at the beginning of an entry: "int", "float" …, or "str"."""
    return text.split(".")[0].split(" ")[0].strip(",") if KIND.match(text) else "str"


def meaning(text) -> str:
    """Returns an entry without its type and without its default, unless that is explained."""
    type_part = KIND.match(text)
    text = text[type_part.end() :] if type_part else text
    text = re.sub(r" Defaults to None: (.*)$", r" None: \1", text)
    return re.sub(r" Defaults to (?:\S+|\([^)]*\)|the paper's \S+)\.$", "", text)
