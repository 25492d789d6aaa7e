"""A message as a value and as bytes; no network, no Qt."""
