"""Pictures, sound and video inside of documents: cleaned by the cleaner of their own format."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

from torsend.clean.formats.format import Format, NotCleanable, Notes
from torsend.clean.report import Removed, Why

if TYPE_CHECKING:
    from collections.abc import Callable

LARGEST_MEDIA = 128 * 1024 * 1024


class _Held(io.BytesIO):
    """A result in memory, up to a limit."""

    def write(self, data: object, /) -> int:
        written = super().write(data)  # type: ignore[arg-type]  # whatever a cleaner writes is bytes
        if self.tell() > LARGEST_MEDIA:
            raise NotCleanable(Why.TOO_LARGE)
        return written


def clean_media(
    data: bytes, name: str, notes: Notes, accept: Callable[[Format], bool] | None = None
) -> tuple[bytes, Format]:
    """The cleaned octets and their format. What was removed is noted with the member's name before it.

    Raises:
        NotCleanable: ``HOLDS_UNCLEANABLE`` with the name: no format that can be cleaned, or none that a document shows.
    """
    from torsend.clean.formats.registry import recognise  # which knows this family's formats in turn

    inner = Notes(text=notes.text)
    held = _Held()
    try:
        format_ = recognise(io.BytesIO(data))
        if not (accept or is_media)(format_):
            raise NotCleanable(Why.UNKNOWN_FORMAT)
        format_.clean(io.BytesIO(data), held, inner)
    except NotCleanable as refused:
        if refused.why is Why.TOO_LARGE:
            raise NotCleanable(Why.TOO_LARGE, name) from None
        raise NotCleanable(Why.HOLDS_UNCLEANABLE, name) from None
    except (ValueError, ArithmeticError, LookupError, EOFError, OSError, struct.error):
        # Broken, whatever it is; the person hears which one.
        raise NotCleanable(Why.HOLDS_UNCLEANABLE, name) from None
    short = name.rpartition("/")[2]
    for each in inner.removed:
        one = Removed(each.trace, f"{short}: {each.name}", each.value)
        notes.remove(one.trace, one.name, one.value)
        inner.counts[each.trace] -= 1
    notes.counts.update({trace: count for trace, count in inner.counts.items() if count > 0})
    notes.kept |= inner.kept
    return held.getvalue(), format_


def is_media(format_: Format) -> bool:
    """Whether a document may show or play it."""
    return format_.media_type.partition("/")[0] in ("image", "audio", "video")
