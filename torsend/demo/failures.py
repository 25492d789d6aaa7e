"""What the demo can raise."""

from __future__ import annotations

from torsend.errors import TorUnavailable


class DemoFailed(TorUnavailable):
    """The private network or the local server did not come to be; says which part, and its last words."""
