"""What GMime reads in a message: length and message on standard input, JSON out. Run by the system's Python."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

gi: Any = importlib.import_module("gi")
gi.require_version("GMime", "3.0")
GMime: Any = importlib.import_module("gi.repository.GMime")


def mailboxes(message: Any, kind: Any) -> list[list[str]]:
    listed = message.get_addresses(kind)
    every = [listed.get_address(number) for number in range(listed.length())]
    return [[each.get_name() or "", each.get_addr()] for each in every if hasattr(each, "get_addr")]


def leaves(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, GMime.Multipart):
        return [leaf for number in range(part.get_count()) for leaf in leaves(part.get_part(number))]
    decoded = GMime.StreamMem.new()
    part.get_content().write_to_stream(decoded)
    content = bytes(decoded.get_byte_array() or b"")
    return [
        {
            "type": part.get_content_type().get_mime_type(),
            "name": part.get_filename(),
            "content": content.hex(),
        }
    ]


def read(raw: bytes) -> dict[str, Any]:
    message = GMime.Parser.new_with_stream(GMime.StreamMem.new_with_buffer(raw)).construct_message(None)
    kinds = {"from": GMime.AddressType.FROM, "to": GMime.AddressType.TO, "cc": GMime.AddressType.CC}
    fields = {name: mailboxes(message, kind) for name, kind in kinds.items()}
    return {"subject": message.get_subject(), "parts": leaves(message.get_mime_part()), **fields}


def main() -> None:
    GMime.init()
    while length := sys.stdin.buffer.readline():
        print(json.dumps(read(sys.stdin.buffer.read(int(length)))), flush=True)


if __name__ == "__main__":
    main()
