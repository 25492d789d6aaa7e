"""Every format through the real child: cleaned, clean afterwards, and no accident to a file takes the program with it."""

from __future__ import annotations

import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clean import cleaning
from tests.clean.mutations import MUTATIONS, Mutation, mutated
from tests.clean.samples import LIKE_ANOTHER, SAMPLES, sample
from torsend.clean.cleaner import Cleaner, child_environment
from torsend.clean.formats import images, registry
from torsend.clean.limits import Limits
from torsend.clean.report import Verdict, Why

if TYPE_CHECKING:
    from pathlib import Path

    from torsend.clean.report import Report

MUTANTS = 3
"""Mutated files of each format that go through a child of their own."""
DONE = (Verdict.CLEANED, Verdict.NOTHING)


def through_the_child(data: bytes, path: Path) -> tuple[Report, bytes]:
    path.write_bytes(data)
    pieces: list[bytes] = []
    report = Cleaner(limits=Limits(seconds=60)).clean(path, pieces.append)
    return report, b"".join(pieces)


def test_there_is_a_sample_of_every_format() -> None:
    assert {each.name for each in registry.formats()} == set(SAMPLES) | set(LIKE_ANOTHER)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_format_is_cleaned_and_then_clean(name: str, tmp_path: Path) -> None:
    report, result = through_the_child(sample(name), tmp_path / "original")
    assert report.verdict in DONE, report
    assert report.format == name
    assert result
    again, same = through_the_child(result, tmp_path / "cleaned")
    assert again.verdict is Verdict.NOTHING, again
    assert same == result


@pytest.mark.parametrize(
    "needs", [*{each.needs for each in images.FORMATS if each.needs and "PIL.Image" in each.needs}, None]
)
def test_pillow_has_all_that_it_looks_for_when_it_opens_a_picture(needs: tuple[str, ...] | None) -> None:
    """In a frozen program it could not even look any more."""
    script = (
        "import sys\n"
        "from torsend.clean import child\n"
        f"child.bring_in({needs!r})\n"
        "from PIL import Image\n"
        "before = set(sys.modules)\n"
        "Image.preinit()\n"
        "sys.exit(repr(set(sys.modules) - before) if set(sys.modules) - before else 0)\n"
    )
    command = [*Cleaner().command()[:-1], script]
    done = subprocess.run(command, env=child_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def accident(data: bytes, chance: random.Random) -> bytes:
    """The file after up to three accidents, anywhere in it but mostly near its beginning or its end."""
    for _ in range(chance.randint(1, 3)):
        at = int(len(data) * chance.choice((chance.random() ** 3, 1 - chance.random() ** 3)))
        length = chance.choice((1, 1, 2, 4, 64))
        match chance.randrange(4):
            case 0:
                data = data[:at] + chance.randbytes(length) + data[at + length :]
            case 1:
                data = data[:at] + data[at + length :]
            case 2:
                data = data[:at] + chance.choice((b"\0", b"\xff", b"\x7f")) * length + data[at + length :]
            case _:
                data = data[:at] + data[at : at + length] * chance.choice((2, 300)) + data[at + length :]
    return data


@pytest.mark.parametrize("name", SAMPLES)
def test_broken_files_end_in_a_report(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    files = [accident(sample(name), chance) for _ in range(MUTANTS)]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(through_the_child, files, [tmp_path / str(n) for n in range(MUTANTS)]))
    for report, _ in done:
        assert report.why not in (Why.FAILED, Why.TOOK_TOO_LONG, Why.NO_SANDBOX), report


@pytest.mark.parametrize("name", [each.name for each in images.FORMATS])
@given(mutations=MUTATIONS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_picture_that_was_cleaned_is_clean_whatever_happened_to_it_before(
    name: str, mutations: list[Mutation]
) -> None:
    report, result = cleaning.cleaned(mutated(sample(name), mutations))
    if report.verdict in DONE and report.format == name:
        again, same = cleaning.cleaned(result)
        assert again.verdict is Verdict.NOTHING
        assert same == result


@given(
    st.binary(max_size=400),
    st.sampled_from([sample(name)[:12] for name in ("JPEG", "PNG", "GIF", "WebP", "TIFF", "HEIC")]),
)
@settings(max_examples=300, deadline=None)
def test_whatever_begins_like_a_picture_ends_in_a_report(data: bytes, beginning: bytes) -> None:
    report, _ = cleaning.cleaned(beginning + data)
    assert report.why is not Why.FAILED
