"""Every sentence on what can be wrong with Tor, by its code, and which of Tor's own reasons it stands for.

A row that is ``persistent`` does not mend itself: it is not tried again until the person asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from torsend.words import mark


@dataclass(frozen=True, slots=True)
class Row:
    """A trouble's words; ``{names}`` are filled in by `torsend.tor.troubles.trouble`."""

    what: str
    advice: str = ""
    persistent: bool = False


_BLOCKED = Row(
    mark("Tor can’t be reached. Your network may block it."),
    mark("Try another network, or a bridge."),
)

ROWS: dict[str, Row] = {
    # Starting a tor of our own
    "no-binary": Row(
        mark("No Tor was found on this computer."),
        mark("Install the package “tor”, or choose a Tor that runs already."),
        persistent=True,
    ),
    "binary-unusable": Row(
        mark("The Tor program can’t be started."),
        mark("Install it anew, or choose a Tor that runs already."),
        persistent=True,
    ),
    "torrc-unreadable": Row(
        mark("The file with extra Tor settings can’t be read."),
        mark("Check that it exists and is a text file, or leave it out."),
        persistent=True,
    ),
    "folder-unwritable": Row(
        mark("Tor’s folder in the profile can’t be written."),
        mark("Check the folder’s permissions and the free space on the disk."),
        persistent=True,
    ),
    "wont-start": Row(
        mark("Tor refused to start. It says: {line}"),
        mark("Correct that and try again. Extra Tor settings come from the file you chose."),
        persistent=True,
    ),
    "transport-not-here": Row(
        mark("A bridge of the kind {transport} needs the program {program}, which isn’t on this computer."),
        mark("Install it, or choose a bridge of another kind. Nothing was sent."),
        persistent=True,
    ),
    "way-unknown": Row(
        mark("The bridges or the proxy that were chosen can’t be read any more, so Tor wasn’t started."),
        mark("Choose them again under Connect to Tor."),
        persistent=True,
    ),
    "proxy-password-missing": Row(
        mark("The proxy’s password isn’t known here."),
        mark("Type it again, or unlock the keyring. Nothing was sent."),
        persistent=True,
    ),
    "way-refused": Row(
        mark("Tor doesn’t take the bridge or proxy. It says: {line}"),
        mark("Correct that and try again."),
        persistent=True,
    ),
    "too-old": Row(
        mark("The Tor program on this computer is version {version}: too old."),
        mark("Torsend needs {oldest} or later. Install a newer one, or choose a Tor that runs already."),
        persistent=True,
    ),
    "folder-locked": Row(
        mark("Another Tor uses Tor’s folder in the profile."),
        mark(
            "It may be left over from before: end it, or restart the computer. It is tried again by itself."
        ),
    ),
    "disk-full": Row(
        mark("The disk is full: Tor can’t write its folder."),
        mark("Make room on it, then try again."),
        persistent=True,
    ),
    "port-taken": Row(
        mark("Another program has the port that the extra Tor settings ask for."),
        mark("End that program, or take the port out of the file with extra settings: Torsend needs none."),
        persistent=True,
    ),
    "few-files": Row(
        mark("This computer lets Tor open too few files and connections at once."),
        mark("Tor needs 1000 (“ulimit -n”). Raise that limit, or choose a Tor that runs already."),
        persistent=True,
    ),
    "start-slow": Row(
        mark("Tor was started but doesn’t answer."),
        mark("Try again; if it stays so, restart the computer or choose a Tor that runs already."),
    ),
    "shut-out": Row(
        mark("The Tor that Torsend started doesn’t let Torsend in."),
        mark(
            "Try again; if it stays so, leave out the extra Tor settings, or choose a Tor that runs already."
        ),
        persistent=True,
    ),
    "died": Row(mark("Tor stopped."), mark("It is started again by itself: wait a moment. It said: {line}")),
    # Attaching to one that runs
    "nothing-there": Row(
        mark("Nothing listens at the chosen address of Tor."),
        mark("Start that Tor, or choose another way to it."),
    ),
    "no-access": Row(
        mark("This user may not open Tor’s control socket."),
        mark("Join the group that owns it (on Debian “debian-tor”), or use Tor’s SOCKS address instead."),
        persistent=True,
    ),
    "silent": Row(
        mark("Something listens at the chosen address of Tor, but it doesn’t answer."),
        mark("Check the address, and that no firewall is in between. If it is Tor, restart it."),
    ),
    "not-tor": Row(
        mark("What listens at the chosen address is not Tor."),
        mark("Check the address: a control port is mostly 9051 or 9151, a SOCKS port 9050 or 9150."),
        persistent=True,
    ),
    "socks-not-control": Row(
        mark("What listens at the chosen address is Tor’s SOCKS port, not its control port."),
        mark("Choose it as a SOCKS address."),
        persistent=True,
    ),
    "wrong-password": Row(
        mark("Tor refused the control password."),
        mark("Type it again, or use Tor’s SOCKS address instead."),
        persistent=True,
    ),
    "password-needed": Row(
        mark("This Tor asks for its control password."),
        mark("Type it, or use Tor’s SOCKS address instead."),
        persistent=True,
    ),
    "password-in-clear": Row(
        mark("This Tor is on another computer, and its control password could be read on the way there."),
        mark("Use that Tor’s SOCKS address instead."),
        persistent=True,
    ),
    "too-far": Row(
        mark("This Tor is outside the local network, and what goes to it could be read on the way."),
        mark("Choose a Tor on this computer."),
        persistent=True,
    ),
    "cookie-unreadable": Row(
        mark("This user may not read Tor’s control cookie."),
        mark("Join the group that owns it (on Debian “debian-tor”), or use Tor’s SOCKS address instead."),
        persistent=True,
    ),
    "refused": Row(
        mark("This Tor doesn’t let Torsend in."),
        mark("Use Tor’s SOCKS address instead."),
        persistent=True,
    ),
    "no-socks-known": Row(
        mark("This Tor may not tell where its SOCKS port is, and none was found at the usual places."),
        mark(
            "Use that Tor’s SOCKS address instead, or allow Torsend more in the filter before its control port."
        ),
        persistent=True,
    ),
    "no-socks-port": Row(
        mark("This Tor has no SOCKS port to send through."),
        mark("Set a SocksPort in its torrc, or choose another Tor."),
        persistent=True,
    ),
    "no-isolation": Row(
        mark("This Tor would let identities share a circuit: its SOCKS port doesn’t isolate them."),
        mark("Take NoIsolateSOCKSAuth out of its torrc, or choose another Tor."),
        persistent=True,
    ),
    "lost": Row(mark("The connection to Tor broke."), mark("It is made again by itself: wait a moment.")),
    # On the way into the network
    "starting": Row(mark("Tor is still starting."), mark("Wait a moment and try again.")),
    "connecting": Row(
        mark("Tor is still connecting ({progress} %: {doing})."), mark("Wait a moment and try again.")
    ),
    "stuck": Row(
        mark("Tor is stuck at {progress} % ({doing})."),
        mark("Your network may block it. Try another network, or a bridge."),
    ),
    "unproven": Row(
        mark("This Tor takes connections, but no exit relay has answered through it yet."),
        mark("It may still be connecting: look at that Tor’s own window or log. Torsend keeps trying."),
    ),
    "blocked": _BLOCKED,
    "no-network": Row(
        mark("This computer has no way to the internet."),
        mark("Check the network. Tor goes on by itself when it is back."),
    ),
    "tampered": Row(
        mark("A Tor relay isn’t the one it should be."),
        mark("Something on your network may answer in its place. Try another network, or a bridge."),
    ),
    "proxy-unreachable": Row(
        mark("The proxy at {proxy} doesn’t answer."),
        mark("Check its address and port. Tor keeps trying."),
    ),
    "proxy-refused": Row(
        mark("The proxy at {proxy} answers but doesn’t let Tor through."),
        mark("Check its kind, user name and password, and whether it lets everything through."),
    ),
    "bridge-unreachable": Row(
        mark("No bridge answers."),
        mark("It may be gone, its line may be incomplete, or your network blocks it. Try other bridges."),
    ),
    "bridge-mismatch": Row(
        mark("What answers isn’t the bridge that it should be: its fingerprint is another."),
        mark(
            "Check the line’s fingerprint. If it is right, something on your network answers in the bridge’s place."
        ),
    ),
    "no-relay-on-ports": Row(
        mark("Tor knows no relay that listens on the ports that may be used: {ports}."),
        mark("Allow 80 and 443, or use a bridge."),
    ),
    "transport-missing": Row(
        mark("The program that this bridge needs isn’t there."),
        mark("Install it, or choose a bridge of another kind."),
    ),
    "exhausted": Row(
        mark("Tor ran out of memory, files or connections."), mark("Close other programs and try again.")
    ),
    "clock-skew": Row(
        mark("{clock}"),
        mark(
            "This computer says {ours}, the Tor network says {theirs}. Tor needs the right time to tell fresh relay lists "
            "from stale ones. Set the clock, then try again."
        ),
    ),
    "clock-ahead": Row(
        mark("Your clock seems to be days fast: every relay’s certificate looks expired."),
        mark("This computer says {now}. If that is wrong, set the clock, then try again."),
    ),
    # Ready once, not now
    "no-circuit": Row(
        mark("No circuit works at the moment."),
        mark("Tor keeps trying. If it stays so, check the network."),
    ),
    "slow": Row(
        mark("Tor doesn’t answer at the moment."),
        mark("Wait a moment: a Tor that Torsend started is started anew if it stays so."),
    ),
    "offline": Row(mark("Tor lost the network. It keeps trying."), mark("Check the network.")),
    "fault": Row(
        mark("Something went wrong inside Torsend; Tor was closed."),
        mark("Try again, and report it if it comes back."),
        persistent=True,
    ),
    "off": Row(mark("Tor is off."), mark("Connect first.")),
}

REASONS: dict[str, str] = {
    # control-spec, STATUS_CLIENT BOOTSTRAP: REASON= (those of ORCONN events, and PT_MISSING)
    "CONNECTREFUSED": "blocked",
    "CONNECTRESET": "blocked",
    "TIMEOUT": "blocked",
    "IOERROR": "blocked",
    "TLS_ERROR": "blocked",
    "NOROUTE": "no-network",
    "IDENTITY": "tampered",
    "PT_MISSING": "transport-missing",
    "RESOURCELIMIT": "exhausted",
}
