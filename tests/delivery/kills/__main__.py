"""``python -m tests.delivery.kills 3000``: so many kills, and what was found."""

from __future__ import annotations

import argparse
import queue
import random
import secrets
import sys
import threading
import time
from pathlib import Path

from tests.delivery.kills.campaign import Broken, Campaign, Executioner, Figures
from tests.delivery.parts import HOST
from torsend import signals
from torsend.demo.certificates import Certificates, make_certificates

WORKERS = 2


class Run:
    """Campaigns until there were enough kills, some side by side."""

    def __init__(self, folder: Path, kills: int, seed: str) -> None:
        self._folder, self._wanted, self._seed = folder, kills, seed
        self._certificates: Certificates = make_certificates(folder / "certificates", [HOST])
        self._lock = threading.Lock()
        self._campaigns = 0
        self._stopped = False
        self.figures = Figures()
        self.broken: list[str] = []

    def work(self) -> None:
        """One worker's share."""
        with Executioner() as executioner:
            while (number := self._next()) is not None:
                folder = self._folder / str(number)
                folder.mkdir()
                chance = random.Random(f"{self._seed} {number}")
                try:
                    with Campaign(folder, self._certificates, executioner, chance) as campaign:
                        figures = campaign.run()
                except Broken as broken:
                    with self._lock:
                        self.broken.append(f"campaign {number} of seed {self._seed}: {broken}")
                    return
                with self._lock:
                    self.figures.add(figures)

    def stop(self) -> None:
        """No further campaign is begun."""
        with self._lock:
            self._stopped = True

    def _next(self) -> int | None:
        with self._lock:
            if self._stopped or self.broken or self.figures.killed >= self._wanted:
                return None
            self._campaigns += 1
            return self._campaigns


def table(figures: Figures, seconds: float) -> str:
    """What is printed."""
    lines = [f"{figures.killed} kills in {seconds:.0f} s, {figures.lived} rounds lived"]
    lines += [f"  {count:6} {kind}" for kind, count in figures.kills.most_common()]
    lines += ["found, whenever it was looked:"]
    lines += [f"  {count:6} {place}" for place, count in figures.places.most_common()]
    lines += [
        f"{figures.messages} messages: {figures.accepted} accepted in the end, {figures.unknown} unknown,",
        f"{figures.unknown_delivered} of these delivered;",
        f"{figures.deliveries} deliveries to single recipients, {figures.asked} messages decided as a person would",
    ]
    return "\n".join(lines)


def main() -> int:
    """The status: 1 where something that must hold did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.kills", description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=3000)
    parser.add_argument("--seed", default=secrets.token_hex(4))
    given = parser.parse_args()
    began = time.monotonic()
    signals.heed()
    with signals.temporary_folder("torsend-kills-") as folder:
        run = Run(folder, given.kills, given.seed)
        # Not joined: where Ctrl-C ends the joining, Python before 3.13 takes a thread that runs for one that has ended.
        ended: queue.SimpleQueue[None] = queue.SimpleQueue()

        def work() -> None:
            try:
                run.work()
            finally:
                ended.put(None)

        for _ in range(WORKERS):
            threading.Thread(target=work).start()
        left = WORKERS
        try:
            while left:
                ended.get()
                left -= 1
        except KeyboardInterrupt:
            run.stop()
            with signals.shielded():
                for _ in range(left):
                    ended.get()
            raise
    print(table(run.figures, time.monotonic() - began))
    print("\n".join(run.broken) or "nothing lost, nothing half-written, nothing doubled")
    return 1 if run.broken else 0


if __name__ == "__main__":
    sys.exit(main())
