"""One shape for all work that the window must not wait for: a job, what to do with its result, what with its failure.

Theory of operation: a ``Background`` owns one thread (or, where order doesn't matter, several) and a queue. A job runs
there, in the order given. Its outcome comes back through one queued signal that carries one value, so ``done`` and
``failed`` run on the window's thread. ``stop`` lets the jobs at hand end, drops the rest, and joins the threads; nothing is
called after it.
"""

from __future__ import annotations

import logging
import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from torsend.errors import TorsendError
from torsend.words import t

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("torsend.gui")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    done: Callable[[Any], None] | None
    failed: Callable[[TorsendError], None]


@dataclass(frozen=True, slots=True)
class _Ended:
    job: _Job
    result: Any
    failure: TorsendError | None


class Background(QObject):
    """Threads with a queue. Made and stopped on the window's thread."""

    _ended = Signal(object)

    def __init__(self, name: str, *, drains: bool = False, threads: int = 1) -> None:
        """
        Args:
            threads: how many jobs run at once at most.
            drains: whether ``stop`` does what is still queued; what was typed must reach the vault.
        """
        super().__init__()
        self._drains = drains
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._stopped = False
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._threads = [threading.Thread(target=self._work, name=name, daemon=True) for _ in range(threads)]
        for each in self._threads:
            each.start()

    def run(
        self, work: Callable[[], T], done: Callable[[T], None] | None, failed: Callable[[TorsendError], None]
    ) -> None:
        """Queues a job. One of ``done`` and ``failed`` is called on the window's thread, unless ``stop`` comes first."""
        self._jobs.put(_Job(work, done, failed))

    def stop(self) -> None:
        """Ends the threads. The jobs at hand end first; what was queued behind them is dropped, unless it drains."""
        if self._stopped:
            return
        self._stopped = True
        for _ in self._threads:
            self._jobs.put(None)
        for each in self._threads:
            each.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._drains or not self._stopped:
                self._ended.emit(_outcome(job))
            # A job may hold a password: not until the next one comes.
            del job

    @Slot(object)
    def _deliver(self, ended: _Ended) -> None:
        if self._stopped:
            return
        if ended.failure is not None:
            ended.job.failed(ended.failure)
        elif ended.job.done is not None:
            ended.job.done(ended.result)


def _outcome(job: _Job) -> _Ended:
    try:
        return _Ended(job, job.work(), None)
    except TorsendError as error:
        log.info("a job failed: %s", error.log_safe)
        return _Ended(job, None, error)
    except Exception as error:  # noqa: BLE001  # the thread's edge: the next job must still run
        from torsend.logs import places

        log.error("a job failed in an unforeseen way: %s", places(error))  # noqa: TRY400  # no message, no values
        unforeseen = TorsendError(
            t("Something failed that nobody foresaw."),
            advice=t("Try again; if it stays so, start Torsend anew."),
        )
        unforeseen.__cause__ = error
        return _Ended(job, None, unforeseen)
