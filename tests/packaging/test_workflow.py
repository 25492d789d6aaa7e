"""What builds the installers on systems that aren't here: it parses, and all that it calls exists."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".ci" / "build-installers.yml"


@cache
def workflow() -> dict[str, Any]:
    # By the distribution's Python, which has a parser; ours needs none otherwise.
    script = "import json, sys, yaml; print(json.dumps(yaml.load(sys.stdin, yaml.BaseLoader)))"
    done = subprocess.run(
        ["/usr/bin/python3", "-c", script], input=WORKFLOW.read_text(encoding="utf-8"), capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def steps() -> list[dict[str, Any]]:
    return [step for job in workflow()["jobs"].values() for step in job["steps"]]


def test_each_system_builds_its_own() -> None:
    jobs = workflow()["jobs"]
    assert {name: job["runs-on"].partition("-")[0] for name, job in jobs.items()} == {
        "linux": "ubuntu",
        "windows": "windows",
        "macos": "macos",
    }
    assert jobs["linux"]["container"] == "debian:12"
    assert workflow()["permissions"] == {"contents": "read"}


def test_every_command_is_shell_and_every_file_that_it_calls_exists() -> None:
    commands = [*(step["run"] for step in steps() if "run" in step), workflow()["env"]["CHECK_OUT"]]
    assert len(commands) > len(workflow()["jobs"])
    for command in commands:
        checked = subprocess.run(
            ["bash", "-n"], input=command, capture_output=True, text=True, timeout=60, check=False
        )
        assert checked.returncode == 0, checked.stderr
        for file in re.findall(r"packaging/\S+", command):
            assert (ROOT / file).is_file(), file


def test_every_option_and_product_is_the_builds_own() -> None:
    build = (ROOT / "packaging" / "build.py").read_text(encoding="utf-8")
    text = "\n".join(step["run"] for step in steps() if "run" in step)
    options = set(re.findall(r"dev\.py build.*?(--[a-z-]+)", text))
    assert options == {"--programs-for", "--programs"}
    assert all(f'"{each}"' in build for each in options)
    for system in ("windows", "macos"):
        made = (ROOT / "packaging" / system / "products.py").read_text(encoding="utf-8")
        (product,) = {
            each.rsplit(".", 1)[-1] for each in re.findall(rf"dist/torsend-\*-{system}-[\w.]+", text)
        }
        assert f"-{system}-" in made
        assert f".{product}" in made


def test_each_job_ends_and_tries_what_it_built() -> None:
    for name, job in workflow()["jobs"].items():
        assert 0 < int(job["timeout-minutes"]) <= 90, name
        assert any("selftest" in step.get("run", "") for step in job["steps"]), name


def test_actions_are_githubs_own_and_named_by_their_commit() -> None:
    for step in steps():
        if "uses" in step:
            assert re.fullmatch(r"actions/(up|down)load-artifact@[0-9a-f]{40}", step["uses"])
