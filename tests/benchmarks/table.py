"""Numbers as a table that a person reads: medians, and each as a ratio to one of them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field


@dataclass
class Row:
    """One candidate's samples, by column."""

    name: str
    columns: dict[str, list[float]] = field(default_factory=dict)
    note: str = ""

    def add(self, column: str, value: float) -> None:
        self.columns.setdefault(column, []).append(value)

    def median(self, column: str) -> float | None:
        values = self.columns.get(column)
        return statistics.median(values) if values else None

    def spread(self, column: str) -> str:
        """The least and the most, where there are several."""
        values = self.columns.get(column, [])
        return f"{min(values):.2f}–{max(values):.2f}" if len(values) > 1 else ""


@dataclass(frozen=True)
class Column:
    """What one column shows.

    Attributes:
        key: of ``Row.columns``.
        title: over it.
        digits: after the point.
        ratio: shows beside each median how many times the first row's it is.
        spread: shows the least and the most, too.
    """

    key: str
    title: str
    digits: int = 2
    ratio: bool = False
    spread: bool = False


class Table:
    """Rows in the order in which they were first named; the first is what the others are compared with."""

    def __init__(self, title: str, *columns: Column, note: str = "") -> None:
        self.title, self.columns, self.note = title, columns, note
        self.rows: dict[str, Row] = {}

    def row(self, name: str, note: str = "") -> Row:
        row = self.rows.setdefault(name, Row(name))
        row.note = note or row.note
        return row

    def best(self, column: str, *but: str) -> Row | None:
        """The row with the least median, of those not named."""
        found = [row for row in self.rows.values() if row.name not in but and row.columns.get(column)]
        return min(found, key=lambda row: row.median(column) or 0.0, default=None)

    def ratio(self, column: str, name: str, other: str) -> float | None:
        """How many times another row's median that row's is."""
        if name not in self.rows or other not in self.rows:
            return None
        mine, theirs = self.rows[name].median(column), self.rows[other].median(column)
        return mine / theirs if mine is not None and theirs else None

    def __str__(self) -> str:
        head = [""]
        for column in self.columns:
            head += [column.title, *(["×"] if column.ratio else []), *(["from–to"] if column.spread else [])]
        lines = [[*head, ""], *(self._cells(row) for row in self.rows.values())]
        widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
        text = [f"\n{self.title}", "-" * len(self.title)]
        for line in lines:
            cells = [
                cell.ljust(widths[0]) if at == 0 else cell.rjust(widths[at])
                for at, cell in enumerate(line[:-1])
            ]
            text.append("  ".join([*cells, line[-1]]).rstrip())
        return "\n".join([*text, *([self.note] if self.note else [])])

    def _cells(self, row: Row) -> list[str]:
        first = next(iter(self.rows.values()))
        cells = [row.name]
        for column in self.columns:
            median, base = row.median(column.key), first.median(column.key)
            cells.append("" if median is None else f"{median:.{column.digits}f}")
            if column.ratio:
                cells.append("" if median is None or not base else f"{median / base:.2f}")
            if column.spread:
                cells.append(row.spread(column.key))
        return [*cells, row.note]
