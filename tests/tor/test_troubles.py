from __future__ import annotations

import re

import pytest

from torsend.errors import ExitStatus, StreamFailed, TorUnavailable
from torsend.tor import stream_failures, troubles
from torsend.tor.stream_failures import REFUSALS, StreamRefused, TorStreamFailed
from torsend.tor.trouble_rows import REASONS, ROWS
from torsend.tor.troubles import TorNotReady, TorTroubled, failed, persistent, trouble

VALUES: dict[str, str] = {
    name: "x" for row in ROWS.values() for name in re.findall(r"{(\w+)}", row.what + row.advice)
}


def _leaves() -> list[type[TorTroubled]]:
    return [
        each
        for each in vars(troubles).values()
        if isinstance(each, type) and issubclass(each, TorTroubled) and each is not TorTroubled
    ]


@pytest.mark.parametrize("code", ROWS)
def test_every_trouble_has_words_and_exactly_one_exception(code: str) -> None:
    assert sum(code in leaf.codes for leaf in _leaves()) == 1, code
    error = failed(code, **VALUES)
    assert code in type(error).codes
    assert error.status is ExitStatus.NO_TOR
    assert error.what
    assert not re.search(r"[{}]", error.sentences())


def test_no_exception_waits_for_a_trouble_that_is_not_there() -> None:
    assert frozenset().union(*(leaf.codes for leaf in _leaves())) == set(ROWS)


def test_what_cannot_mend_itself_has_advice() -> None:
    for code, row in ROWS.items():
        assert row.advice or not row.persistent, code


def test_every_reason_that_tor_gives_has_its_row() -> None:
    assert set(REASONS.values()) <= set(ROWS)


def test_persistence_is_of_the_row() -> None:
    assert persistent(trouble("no-binary"))
    assert not persistent(trouble("nothing-there"))


def test_braces_in_tors_own_words_are_left_alone() -> None:
    assert "{0}" in failed("wont-start", line="bad line {0}").what


def test_a_line_for_the_log_has_the_code_and_no_words() -> None:
    error = failed("wont-start", "exit 1", line="/home/wren/secret")
    assert error.log_safe == "TorRefusedToStart wont-start exit 1"
    assert isinstance(failed("stuck", "5 %", **VALUES), TorNotReady)


@pytest.mark.parametrize("code", [*REFUSALS, 0x77])
def test_every_answer_of_tor_has_words(code: int) -> None:
    error = StreamRefused(code)
    assert error.code == code
    assert error.status is ExitStatus.STILL_QUEUED
    assert error.what
    assert error.advice
    assert not (error.permanent and error.new_circuit_may_help)
    assert f"{code:#04x}" in error.log_safe


def test_extended_errors_and_the_plain_ones_are_all_known() -> None:
    assert set(REFUSALS) == {*range(1, 9), *range(0xF0, 0xF8)}


def test_every_way_a_stream_fails_is_a_stream_that_failed() -> None:
    for each in vars(stream_failures).values():
        if isinstance(each, type) and issubclass(each, TorStreamFailed):
            assert issubclass(each, StreamFailed)
            assert issubclass(each, TorUnavailable)
