"""A filter of system calls (seccomp(2)) that leaves a process what computing takes, and nothing else.

An allowlist: Linux grows calls every year, and a denylist would have to grow with it. It can be a short one, since it
holds for a process that has imported what it needs and from then on reads one descriptor, computes, and writes
another. A C library or a Python that wants a call beyond it gets EPERM, and fails closed: the file is then not cleaned.

What is left out with a thought: ``uname`` (tells the host name), ``getuid``, ``stat`` and ``statx`` (tell what lies
somewhere), ``ioctl``, memory that can be executed, signals to others. ``getcwd`` is in it: libraries ask for it to make
names of files that they then don't open, and the answer is always ``/``.

``newfstatat`` can't be left out: newer C libraries say ``fstat`` by it, and a filter can't see whether its path is empty. So
where the system lets nobody have a root directory of their own (``linux``), a process that was taken over may learn whether
something lies at a path, its size and its times; not what is in it.
"""

from __future__ import annotations

import ctypes
import platform
import struct
from dataclasses import dataclass
from errno import ENOSYS, EPERM

# linux/bpf_common.h: load a word, jump if equal, jump if any bit is set, return.
_LOAD, _JUMP_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
# linux/seccomp.h
_SET_MODE_FILTER, _TSYNC = 1, 1
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
# struct seccomp_data
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_PROT_EXEC = 4
_AT_EMPTY_PATH = 0x1000
_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000 | 0x00020000 | 0x80
_FCNTL = (0, 1, 2, 3, 1030)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """The numbers of one architecture's calls (asm/unistd.h).

    Attributes:
        architecture: AUDIT_ARCH_* (linux/audit.h).
        allowed: whatever their arguments.
    """

    architecture: int
    seccomp: int
    allowed: tuple[int, ...]
    mmap: int
    mprotect: int
    clone: int
    clone3: int
    fcntl: int
    newfstatat: int


_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 317,
        (
            0, 1, 3, 5, 8, 17, 19, 20,  # read write close fstat lseek pread64 readv writev
            11, 12, 25, 28,  # munmap brk mremap madvise
            13, 14, 15, 131,  # rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack
            24, 202, 204, 273, 324, 334,  # sched_yield futex sched_getaffinity set_robust_list membarrier rseq
            35, 96, 98, 100, 201, 228, 229, 230,  # nanosleep gettimeofday getrusage times time clock_*
            32, 39, 79, 186, 219, 318,  # dup getpid getcwd gettid restart_syscall getrandom
            60, 231,  # exit exit_group
        ),
        mmap=9, mprotect=10, clone=56, clone3=435, fcntl=72, newfstatat=262,
    ),
    "aarch64": _Machine(
        0xC00000B7, 277,
        (
            62, 63, 64, 65, 66, 67, 57, 80,  # lseek read write readv writev pread64 close fstat
            214, 215, 216, 233,  # brk munmap mremap madvise
            132, 134, 135, 139,  # sigaltstack rt_sigaction rt_sigprocmask rt_sigreturn
            98, 99, 123, 124, 283, 293,  # futex set_robust_list sched_getaffinity sched_yield membarrier rseq
            101, 113, 114, 115, 153, 165, 169,  # nanosleep clock_* times getrusage gettimeofday
            17, 23, 128, 172, 178, 278,  # getcwd dup restart_syscall getpid gettid getrandom
            93, 94,  # exit exit_group
        ),
        mmap=222, mprotect=226, clone=220, clone3=435, fcntl=25, newfstatat=79,
    ),
}  # fmt: skip


def install(libc: ctypes.CDLL) -> bool:
    """Puts the filter before every thread of this process, for good. Needs PR_SET_NO_NEW_PRIVS to be set."""
    machine = _MACHINES.get(platform.machine())
    if machine is None or ctypes.sizeof(ctypes.c_void_p) != 8:
        return False
    code = program(machine)
    held = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: a count, and where they lie.
    rules = ctypes.create_string_buffer(struct.pack("=H6xQ", len(code) // 8, ctypes.addressof(held)), 16)
    return bool(libc.syscall(machine.seccomp, _SET_MODE_FILTER, _TSYNC, rules) == 0)


def program(machine: _Machine) -> bytes:
    """The filter as the kernel takes it: an array of ``struct sock_filter``."""
    deny = _ERRNO | EPERM
    lines = [
        _line(_LOAD, _ARCHITECTURE),
        _line(_JUMP_EQUAL, machine.architecture, yes=1),
        _line(_RETURN, _KILL),
        _line(_LOAD, _NUMBER),
    ]
    for number in machine.allowed:
        lines += [_line(_JUMP_EQUAL, number, no=1), _line(_RETURN, _ALLOW)]
    # A C library that knows clone3 falls back to clone, whose flags can be seen from here.
    lines += [_line(_JUMP_EQUAL, machine.clone3, no=1), _line(_RETURN, _ERRNO | ENOSYS)]
    for number in (machine.mmap, machine.mprotect):
        lines += [
            _line(_JUMP_EQUAL, number, no=4),
            _line(_LOAD, _argument(2)),
            _line(_JUMP_ANY_BIT, _PROT_EXEC, yes=1),
            _line(_RETURN, _ALLOW),
            _line(_RETURN, deny),
        ]
    lines += [
        _line(_JUMP_EQUAL, machine.clone, no=5),  # threads, no processes
        _line(_LOAD, _argument(0)),
        _line(_JUMP_ANY_BIT, _CLONE_NEW, yes=2),
        _line(_JUMP_ANY_BIT, _CLONE_THREAD, no=1),
        _line(_RETURN, _ALLOW),
        _line(_RETURN, deny),
        _line(_JUMP_EQUAL, machine.newfstatat, no=4),  # how newer C libraries spell fstat
        _line(_LOAD, _argument(3)),
        _line(_JUMP_EQUAL, _AT_EMPTY_PATH, no=1),
        _line(_RETURN, _ALLOW),
        _line(_RETURN, deny),
        _line(_JUMP_EQUAL, machine.fcntl, no=1 + 2 * len(_FCNTL)),
        _line(_LOAD, _argument(1)),
    ]
    for command in _FCNTL:
        lines += [_line(_JUMP_EQUAL, command, no=1), _line(_RETURN, _ALLOW)]
    lines.append(_line(_RETURN, deny))
    return b"".join(lines)


def _argument(index: int) -> int:
    """Where the lower half of an argument lies; both architectures are little-endian."""
    return _ARGUMENTS + 8 * index


def _line(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One ``struct sock_filter``; ``yes`` and ``no``: how many lines are jumped over."""
    return struct.pack("=HBBI", code, yes, no, value)
