"""An identity's signature under a mail: put there for a new one, and put in the place of another's when the sender changes.

The lines are the person's own and nothing is added to them but the empty line above.
"""

from __future__ import annotations

_GAP = "\n\n"


def ending(signature: str) -> str:
    """What a new mail's text is: room to write in, and the signature; empty where there is none."""
    return f"{_GAP}{signature}" if signature else ""


def is_only(text: str, signature: str) -> bool:
    """Whether nothing was written but what ``ending`` gave."""
    return text.strip() in ("", signature.strip())


def swap(text: str, old: str, new: str) -> tuple[int, str] | None:
    """What to do with the end of the text when another identity sends.

    Args:
        old, new: the signatures of who sent and of who sends; empty where there is none.

    Returns:
        How many characters of the end go and what comes there, or None where all stays: the old signature was changed,
        taken out or written under, or the new one stands there already. Then it is for the person to see
        (``checks.walls`` warns of another's).
    """
    if old == new:
        return None
    bare = text.rstrip()
    if old:
        if not (bare == old or bare.endswith(f"\n{old}")):
            return None
        start = len(bare) - len(old)
        if not new:
            # The empty line above goes with it.
            start = len(bare[:start].rstrip("\n"))
        return len(text) - start, new
    if not new or bare.endswith(new):
        return None
    if not bare:
        return len(text), ending(new)
    return len(text) - len(bare), ending(new)
