"""The window: Qt and only Qt. Shows values, emits intentions."""
