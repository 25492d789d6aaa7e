"""What the person chose of bridges, proxy and ports, as it was typed: for the vault and for the form that shows it again."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field
from typing import Self

from torsend.errors import UsageError
from torsend.tor.bridges import read_bridges
from torsend.tor.built_in_bridges import LINES
from torsend.tor.way_out import Proxy, ProxyKind, WayOut
from torsend.words import t


class Bridges(enum.StrEnum):
    """Which bridges."""

    NONE = "none"
    OBFS4 = "obfs4"
    SNOWFLAKE = "snowflake"
    MEEK = "meek"
    OWN = "own"


class BadWay(UsageError):
    """What was chosen can't be used. Says nothing of what was typed."""


@dataclass(frozen=True, slots=True)
class WayChosen:
    """All of it.

    Attributes:
        own: bridge lines as they were pasted, kept also while other bridges are chosen.
        proxy: without its password, which lies with the other passwords.
    """

    bridges: Bridges = Bridges.NONE
    own: str = field(default="", repr=False)
    proxy: Proxy | None = None
    ports: tuple[int, ...] = ()

    def way_out(self) -> WayOut:
        """What tor is to be told.

        Raises:
            BadWay: own lines were chosen and there is none, or one of them is no bridge.
        """
        lines = self.own if self.bridges is Bridges.OWN else "\n".join(LINES.get(self.bridges.value, ()))
        pasted = read_bridges(lines)
        if pasted.wrong:
            first = pasted.wrong[0]
            raise BadWay(
                t("Line {n}: {why}", n=first.number, why=first.why),
                advice=t("Correct the line, or take it out."),
            )
        if self.bridges is Bridges.OWN and not pasted.bridges:
            raise BadWay(t("There is no bridge line yet."), advice=t("Paste one, or choose other bridges."))
        return WayOut(pasted.bridges, self.proxy, self.ports)

    def to_json(self) -> str:
        """ASCII JSON; ``from_json`` gives an equal one back. Holds no password."""
        proxy = self.proxy and [self.proxy.kind.value, self.proxy.host, self.proxy.port, self.proxy.username]
        return json.dumps(
            {"bridges": self.bridges.value, "own": self.own, "proxy": proxy, "ports": list(self.ports)}
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Reads what ``to_json`` wrote.

        Raises:
            ValueError: it is something else. Says nothing of the content.
        """
        try:
            fields = json.loads(text)
            proxy = fields["proxy"]
            return cls(
                Bridges(fields["bridges"]),
                str(fields["own"]),
                Proxy(ProxyKind(proxy[0]), proxy[1], proxy[2], proxy[3]) if proxy else None,
                tuple(int(port) for port in fields["ports"]),
            )
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, UsageError) as broken:
            raise ValueError(f"no way out ({type(broken).__name__})") from None
