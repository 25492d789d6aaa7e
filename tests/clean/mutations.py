"""Accidents that happen to files, for hypothesis: most of them near the beginning, where the headers are."""

from __future__ import annotations

from hypothesis import strategies as st

Mutation = tuple[str, float, int]

MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(("flip", "cut", "splice", "zero", "ones")), st.floats(0, 1), st.integers(0, 255)
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, mutations: list[Mutation]) -> bytes:
    """The bytes after these accidents."""
    for what, where, number in mutations:
        at = int(where**3 * len(data))
        match what:
            case "flip":
                data = data[:at] + bytes((number,)) + data[at + 1 :]
            case "cut":
                data = data[:at]
            case "splice":
                data = data[:at] + data[at // 2 : at // 2 + 16 * number] + data[at:]
            case "zero":
                data = data[:at] + bytes(number) + data[at + number :]
            case _:
                data = data[:at] + b"\xff" * (number % 9) + data[at + number % 9 :]
    return data
