"""The part of jeepney that Torsend's tests use."""

import enum
from typing import Any

class MessageType(enum.Enum):
    method_call = 1
    method_return = 2
    error = 3
    signal = 4

class Header:
    message_type: MessageType

class Message:
    header: Header
    body: tuple[Any, ...]

def new_error(
    parent: Message, error_name: str, signature: str | None = ..., body: tuple[Any, ...] = ...
) -> Message: ...
