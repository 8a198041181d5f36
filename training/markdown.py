"""Markdown tables."""


def table(titles, rows) -> list[str]:
    """Returns the lines of a table.

    Args:
        titles: list of str. One for each column.
        rows: iterable of lists of str. One text for each column.
    """
    return [row(titles), "|" + "---|" * len(titles), *map(row, rows)]


def row(cells) -> str:
    """Returns one line of a table."""
    return f"| {' | '.join(map(str, cells))} |"
