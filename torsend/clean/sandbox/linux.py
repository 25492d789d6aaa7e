"""Shuts a process off on Linux, by whatever of these the kernel has: a filter of system calls, Landlock, namespaces, limits.

The filter (``seccomp``) alone leaves neither network nor files. Where it can't be had (a processor that it doesn't know,
a kernel without it), a network namespace without interfaces together with Landlock does; if neither can, the process
is not shut off and says so. Everything else is a second wall: it is done where the system lets us and not missed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import struct
import sys
from typing import TYPE_CHECKING

from torsend.clean.sandbox import resources, seccomp

if TYPE_CHECKING:
    from torsend.clean.limits import Limits

assert sys.platform == "linux"  # noqa: S101  # said to those who check types for other systems

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_SIGKILL = 9
# linux/sched.h
_NEW_NAMESPACES = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x40000000
"""cgroup, UTS, IPC, user, network."""
# asm-generic/unistd.h: the same on every architecture.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_LANDLOCK_VERSION = 1


def tie_to_parent(
    pipe: int,
) -> None:  # pragma: no cover  # in a process that can't write down what it covered
    """SIGKILL when the thread that started this process ends, ``kill -9`` of its process included.

    Args:
        pipe: its reading end is the parent's.
    """
    _libc().prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    # It may have ended before.
    watch = select.poll()
    watch.register(pipe, 0)
    if watch.poll(0):
        os._exit(1)


def shut_off(
    limits: Limits,
) -> bool:  # pragma: no cover  # in a process that can't write down what it covered
    """See `torsend.clean.sandbox.shut_off`. A thread that another module started already would escape Landlock, not
    the filter.
    """
    libc = _libc()
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    parent = os.getppid()
    apart = libc.unshare(_NEW_NAMESPACES) == 0
    if apart:
        # Entering a user namespace gave us all rights within it, and cleared the tie.
        libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        with contextlib.suppress(OSError):
            # A root directory in which nothing lies but this process's own numbers.
            os.chroot("/proc/self/fdinfo")
            os.chdir("/")
    no_files = _restrict_by_landlock(libc)
    resources.limit(limits)
    filtered = seccomp.install(libc)
    if not filtered:
        # Without the filter this is what stands against processes without end; with it threads may be started.
        resources.forbid_processes()
    return filtered or (apart and no_files)


def _restrict_by_landlock(
    libc: ctypes.CDLL,
) -> bool:  # pragma: no cover  # in a process that can't write down what it covered
    """No file, directory, device or TCP port by any path, as far as this kernel's Landlock reaches (landlock(7))."""
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return False
    files = (1 << 13) - 1
    if version >= 2:
        files |= 1 << 13  # moving between directories
    if version >= 3:
        files |= 1 << 14  # truncating
    if version >= 5:
        files |= 1 << 15  # ioctl of devices
    handled = struct.pack("=Q", files)
    if version >= 4:
        handled += struct.pack("=Q", 0b11)  # binding and connecting TCP
    if version >= 6:
        handled += struct.pack("=Q", 0b11)  # abstract unix sockets, signals
    # Rights that are handled and given by no rule are refused.
    ruleset = libc.syscall(_LANDLOCK_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if ruleset < 0:
        return False
    try:
        return bool(libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _libc() -> ctypes.CDLL:  # pragma: no cover  # in a process that can't write down what it covered
    return ctypes.CDLL(None, use_errno=True)
