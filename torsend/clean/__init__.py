"""Takes out of a file what tells who made it, where, when and with what; or says that it can't. No Qt, no network."""

CHILD = "--clean-child"
"""The one argument with which the program is its own cleaner's process, where there is no Python to be started instead."""


def is_child(arguments: list[str]) -> bool:
    """Whether the program was started to be that process."""
    return arguments == [CHILD]
