"""The window: Qt and only Qt. Shows values, emits intentions."""

from torsend.gui.constants_held import hold_constants

# Before anything of Qt is used.
hold_constants()
