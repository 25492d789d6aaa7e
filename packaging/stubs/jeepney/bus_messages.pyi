from jeepney import Message

class DBus:
    def RequestName(self, name: str, flags: int = ...) -> Message: ...  # noqa: N802
    def NameHasOwner(self, name: str) -> Message: ...  # noqa: N802

message_bus: DBus
