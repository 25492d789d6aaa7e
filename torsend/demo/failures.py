"""What the demo can raise."""

from __future__ import annotations

from torsend.errors import TorUnavailable
from torsend.words import t


class DemoFailed(TorUnavailable):
    """The private network or the local server did not come to be; says which part, and its last words."""

    def __init__(self, what: str, *, advice: str = "") -> None:
        super().__init__(what, advice=advice or t("Try again; if it stays so, report it with these words."))
