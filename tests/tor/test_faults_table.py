"""Every environment and fault, what the person sees, and the test that produces it for real.

Printed as a table: ``python -m tests.tor.test_faults_table``.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

from torsend.tor.trouble_rows import ROWS

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Fault:
    """One row.

    Attributes:
        code: of the trouble; empty where the fault is nothing to the person.
        sees: the beginning of what is said, as it stands in the code (with its ``{names}``).
        produced: the test, and how.
    """

    what: str
    code: str
    sees: str
    produced: str
    how: str


FAULTS = (
    # A tor of our own
    Fault(
        "no tor on this computer",
        "no-binary",
        "No Tor was found",
        "app/test_bad_tor.py::test_no_tor_on_this_computer",
        "mounts",
    ),
    Fault(
        "tor can't be run",
        "binary-unusable",
        "The Tor program can’t",
        "tor/test_connection.py::test_no_tor_program",
        "no such file",
    ),
    Fault(
        "tor too old",
        "too-old",
        "The Tor program on this computer is version",
        "tor/test_faults.py::test_a_tor_that_is_too_old",
        "stand-in",
    ),
    Fault(
        "folder locked by another tor",
        "folder-locked",
        "Another Tor uses",
        "tor/test_faults.py::test_another_tor_in_the_same_folder",
        "two tors",
    ),
    Fault(
        "folder can't be written",
        "folder-unwritable",
        "Tor’s folder",
        "app/test_bad_tor.py::test_tor_cannot_write_its_folder",
        "a file there",
    ),
    Fault(
        "folder of another user",
        "folder-unwritable",
        "Tor’s folder",
        "tor/test_faults.py::test_a_folder_that_belongs_to_somebody_else",
        "stand-in",
    ),
    Fault(
        "disk full",
        "disk-full",
        "The disk is full",
        "app/test_bad_tor.py::test_the_disk_is_full",
        "tmpfs without room",
    ),
    Fault(
        "usual ports taken",
        "",
        "",
        "tor/test_faults.py::test_the_usual_ports_being_taken_is_nothing_to_a_tor_of_our_own",
        "listeners",
    ),
    Fault(
        "port of extra settings taken",
        "port-taken",
        "Another program has the port",
        "tor/test_faults.py::test_a_port_of_the_extra_settings_that_is_taken",
        "listener",
    ),
    Fault(
        "unknown setting",
        "wont-start",
        "Tor refused to start",
        "app/test_bad_tor.py::test_tor_will_not_start",
        "tor itself",
    ),
    Fault(
        "extra settings unreadable",
        "torrc-unreadable",
        "The file with extra",
        "app/test_bad_tor.py::test_tor_will_not_start",
        "no such file",
    ),
    Fault(
        "tor doesn't answer",
        "start-slow",
        "Tor was started",
        "tor/test_connection.py::test_a_tor_that_does_not_answer_in_time_is_given_up",
        "stand-in",
    ),
    Fault(
        "tor of our own refuses our password",
        "shut-out",
        "The Tor that Torsend started",
        "tor/test_by_port.py::test_a_tor_of_our_own_that_refuses_our_password_is_not_waited_for",
        "tor itself, told the hash of another password",
    ),
    # The way into the network
    Fault(
        "clock slow or fast",
        "clock-skew",
        "{clock}",
        "tor/test_faults.py::test_a_clock_that_is_off",
        "faketime",
    ),
    Fault(
        "clock days fast",
        "clock-ahead",
        "Your clock seems to be days fast",
        "tor/test_faults.py::test_a_clock_that_is_days_ahead",
        "faketime",
    ),
    Fault(
        "no network",
        "no-network",
        "This computer has no way",
        "tor/test_faults.py::test_no_network",
        "network namespace",
    ),
    Fault(
        "relays dropped or refused",
        "blocked",
        "Tor can’t be reached",
        "tor/test_faults.py::test_a_network_that_blocks_tor",
        "SYNs unanswered",
    ),
    Fault(
        "bridge gone",
        "bridge-unreachable",
        "No bridge answers",
        "tor/test_way_faults.py::test_a_bridge_that_is_gone",
        "closed port",
    ),
    Fault(
        "bridge of another fingerprint",
        "bridge-mismatch",
        "What answers isn’t",
        "tor/test_way_faults.py::test_a_bridge_with_another_fingerprint",
        "real bridge",
    ),
    Fault(
        "proxy gone",
        "proxy-unreachable",
        "The proxy at {proxy}",
        "tor/test_way_faults.py::test_a_proxy_that_is_not_there",
        "closed port",
    ),
    Fault(
        "proxy wants a log-in",
        "proxy-refused",
        "The proxy at {proxy}",
        "tor/test_way_faults.py::test_a_proxy_that_wants_another_password",
        "real proxies",
    ),
    Fault(
        "firewall lets nothing useful out",
        "no-relay-on-ports",
        "Tor knows no relay",
        "tor/test_way_faults.py::test_a_firewall_that_lets_nothing_useful_out",
        "port 9 alone",
    ),
    # Attaching
    Fault(
        "nobody listens",
        "nothing-there",
        "Nothing listens",
        "app/test_bad_tor.py::test_a_port_at_which_nobody_listens",
        "closed port",
    ),
    Fault(
        "something else listens",
        "not-tor",
        "What listens",
        "app/test_bad_tor.py::test_a_port_that_is_not_tor",
        "HTTP, SMTP",
    ),
    Fault(
        "port filtered: packets vanish",
        "silent",
        "Something listens",
        "tor/test_faults.py::test_a_port_behind_a_filter_that_drops",
        "SYNs unanswered",
    ),
    Fault(
        "port taken by one that is silent",
        "silent",
        "Something listens",
        "app/test_bad_tor.py::test_a_port_that_is_not_tor",
        "listener",
    ),
    Fault(
        "wrong control password",
        "wrong-password",
        "Tor refused the control",
        "app/test_bad_tor.py::test_the_control_password",
        "real tor",
    ),
    Fault(
        "cookie unreadable",
        "cookie-unreadable",
        "This user may not read",
        "app/test_bad_tor.py::test_a_cookie_that_this_user_may_not_read",
        "no rights",
    ),
    Fault(
        "SOCKS port given as control port",
        "socks-not-control",
        "What listens",
        "app/test_bad_tor.py::test_a_wrong_place_of_the_right_tor",
        "real tor",
    ),
    Fault(
        "proxy that mixes identities",
        "no-isolation",
        "This Tor would let",
        "app/test_bad_tor.py::test_a_proxy_that_does_not_keep_identities_apart",
        "stand-in",
    ),
    # While it runs
    Fault(
        "limit on open files too low",
        "few-files",
        "This computer lets Tor open too few",
        "tor/test_faults.py::test_a_limit_on_files_that_is_too_low",
        "ulimit",
    ),
    Fault(
        "tor killed, a mail on its way",
        "died",
        "Tor stopped",
        "app/test_mail_in_flight.py::test_tor_is_killed",
        "SIGKILL",
    ),
    Fault(
        "tor dies again and again",
        "died",
        "Tor stopped",
        "tor/test_connection.py::test_a_tor_that_dies_is_started_again_and_again_until_it_is_called_a_failure",
        "SIGKILL",
    ),
    Fault(
        "tor stopped for a moment",
        "slow",
        "Tor doesn’t answer",
        "app/test_mail_in_flight.py::test_tor_is_stopped_for_a_moment",
        "SIGSTOP, SIGCONT",
    ),
    Fault(
        "tor stopped for good",
        "lost",
        "The connection to Tor broke",
        "app/test_mail_in_flight.py::test_tor_is_stopped_for_good",
        "SIGSTOP",
    ),
    Fault(
        "tor out of sockets",
        "lost",
        "The connection to Tor broke",
        "tor/test_staying.py::test_a_tor_without_sockets_is_noticed_by_the_stream_that_gets_none",
        "RLIMIT_NOFILE",
    ),
    Fault(
        "interface down and up",
        "offline",
        "Tor lost the network",
        "tor/test_staying.py::test_an_interface_that_goes_down_and_up",
        "veth in a namespace",
    ),
    Fault(
        "network lost and back",
        "offline",
        "Tor lost the network",
        "tor/test_staying.py::test_a_network_that_goes_and_comes_is_told_at_once",
        "routes by hand",
    ),
    Fault(
        "network silent, a mail on its way",
        "",
        "",
        "app/test_mail_in_flight.py::test_the_network_is_silent_for_a_while",
        "every relay stopped",
    ),
    Fault(
        "sleep and resume",
        "nothing-there",
        "Nothing listens",
        "tor/test_staying.py::test_after_sleep_it_looks_at_once",
        "clocks by hand",
    ),
    Fault(
        "attached Tor Browser closed and opened",
        "nothing-there",
        "Nothing listens",
        "app/test_mail_in_flight.py::test_the_tor_of_another_program_is_closed_and_opened_again",
        "real tor ended",
    ),
    Fault(
        "Torsend killed, with a transport",
        "",
        "",
        "app/test_mail_in_flight.py::test_no_transport_outlives_it",
        "SIGKILL, real obfs4proxy",
    ),
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_what_the_table_says_is_so(fault: Fault) -> None:
    if fault.code:
        assert ROWS[fault.code].what.startswith(fault.sees)
        assert ROWS[fault.code].advice
    file, _, name = fault.produced.partition("::")
    defined = {
        node.name
        for node in ast.walk(ast.parse((ROOT / "tests" / file).read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert name in defined


def table() -> str:
    """For people."""
    rows = ["environment or fault | what the person sees | how it was produced", "--- | --- | ---"]
    for fault in FAULTS:
        row = ROWS.get(fault.code)
        sees = f"{row.what} {row.advice}" if row else "nothing"
        rows.append(f"{fault.what} | {sees} | {fault.how}: {fault.produced}")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())  # what it is for
