"""Whether words lie under something: a box drawn over them hides them from the eye, not from whoever copies them out."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_SPANS = 20_000
MOST_COMPARED = 5_000_000
"""Pairs of words and boxes that are looked at in one stream; a drawing of a million boxes holds no black bars."""

Matrix = tuple[float, ...]
Box = tuple[float, float, float, float]


def box_of(points: list[tuple[float, float]], matrix: Matrix) -> Box:
    """What these points span on the page."""
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x, y in points]
    ys = [b * x + d * y + f for x, y in points]
    return (min(xs), min(ys), max(xs), max(ys))


@dataclass(slots=True)
class Cover:
    """Follows one stream's words and filled boxes.

    Attributes:
        is_opaque: whether what is filled now hides what lies under it.
        hides: whether some words are not to be seen.
    """

    is_opaque: bool = True
    hides: bool = False
    _saved: list[bool] = field(default_factory=list)
    _spans: list[tuple[float, float]] = field(default_factory=list)
    _boxes: list[Box] = field(default_factory=list)
    _points: list[tuple[float, float]] = field(default_factory=list)
    _compared: int = 0

    def words(self, start: tuple[float, float], end: tuple[float, float], high: float) -> None:
        """Words from here to there, so high. Their middle is what counts."""
        if len(self._spans) < MOST_SPANS:
            self._spans.append(((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + high / 4))

    def leave(self, seen: Box) -> bool:
        """Whether some words lie beyond what of the page is shown."""
        left, low, right, top = seen
        return any(not (left <= x <= right and low <= y <= top) for x, y in self._spans)

    def path(self, operator: str, amounts: list[float], matrix: Matrix) -> None:
        """An operator that saves or restores the state, or makes, fills or ends a path."""
        match operator, amounts:
            case "q", []:
                self._saved.append(self.is_opaque)
            case "Q", [] if self._saved:
                self.is_opaque = self._saved.pop()
            case "re", [x, y, wide, high]:
                self._boxes.append(
                    box_of([(x, y), (x + wide, y), (x, y + high), (x + wide, y + high)], matrix)
                )
            case (("m" | "l"), [x, y]):
                if operator == "m":
                    self._end_line(matrix)
                self._points.append((x, y))
            case (("c" | "v" | "y"), _):
                self._points = [(0.0, 0.0)] * 9  # round: no box
            case (("f" | "F" | "f*" | "B" | "B*" | "b" | "b*"), []):
                self._end_line(matrix)
                if self.is_opaque:
                    self._compare()
                self._boxes = []
            case (("n" | "S" | "s"), []):
                self._boxes, self._points = [], []
            case _:
                pass

    def _end_line(self, matrix: Matrix) -> None:
        if len(self._points) in (4, 5):
            self._boxes.append(box_of(self._points, matrix))
        self._points = []

    def _compare(self) -> None:
        self._compared += len(self._boxes) * len(self._spans)
        if self.hides or self._compared > MOST_COMPARED:
            return
        self.hides = any(
            left < x < right and low < y < top
            for left, low, right, top in self._boxes
            for x, y in self._spans
        )
