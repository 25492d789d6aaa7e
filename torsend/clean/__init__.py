"""Takes out of a file what tells who made it, where, when and with what; or says that it can't. No Qt, no network."""

CHILD, CODES = "--clean-child", "--codes-child"
"""The one argument with which the program is its own cleaner's process, where there is no Python to be started instead:
to clean a file, to read the QR codes of a picture."""


def is_child(arguments: list[str]) -> bool:
    """Whether the program was started to be that process."""
    return arguments in ([CHILD], [CODES])
