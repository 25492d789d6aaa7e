"""The names that may stand in a cleaned document, by namespace: elements and attributes. What is not here goes."""
