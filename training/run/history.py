"""`history.csv`: a row of losses and scores for each checkpoint."""

import csv
import io

from keras_acai import files

from ..errors import RunError


def read(path) -> list[dict]:
    """Returns the rows of a history, oldest first; none where the file is missing.

    Raises:
        RunError: for a file that is not a history.
    """
    if not path.exists():
        return []
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = [_numbers(row) for row in csv.DictReader(file)]
        return [row for row in rows if row["images"] >= 0 and row["seconds"] >= 0]
    except (ValueError, KeyError, AttributeError, TypeError, csv.Error) as error:
        raise RunError(f"{path} is corrupt ({error!r}): repair it, or use another --out.") from None


def write(path, rows):
    """Writes the rows; their columns may differ."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    with files.atomic_write(path) as part:
        part.write_text(text.getvalue(), "utf-8", newline="")


def _numbers(row):
    return {name: _number(text) for name, text in row.items() if text}


def _number(text):
    return int(text) if text.isdigit() else float(text)
