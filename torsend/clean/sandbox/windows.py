"""Shuts a process off on Windows, as far as a program can do it to itself without another's help.

Written after the manuals and not run here: no test of this project has seen it on Windows. A job of one process (no
program can be started) with so much memory and processor time, and an integrity level ("untrusted") that lets it write
to no file, registry key or window of the person's.

What this does not do: the network stays reachable for code that calls it in C, since only a process that was *created*
in an AppContainer is kept from it. Python's own sockets are refused by an audit hook. Reading files is left as well.
"""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torsend.clean.limits import Limits

# winnt.h
_JOB_EXTENDED_LIMITS = 9
_LIMIT_PROCESS_TIME, _LIMIT_ACTIVE_PROCESS, _LIMIT_PROCESS_MEMORY = 0x2, 0x8, 0x100
_DIE_ON_EXCEPTION, _KILL_ON_CLOSE = 0x400, 0x2000
_TOKEN_INTEGRITY, _TOKEN_ADJUST_DEFAULT, _SE_GROUP_INTEGRITY = 25, 0x80, 0x20
_UNTRUSTED = "S-1-16-0"


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION"""

    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_set", ctypes.c_size_t),
        ("most_set", ctypes.c_size_t),
        ("active", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class _ExtendedLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION"""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process", ctypes.c_size_t),
        ("peak_job", ctypes.c_size_t),
    )


class _Label(ctypes.Structure):
    """TOKEN_MANDATORY_LABEL"""

    _fields_ = (("sid", ctypes.c_void_p), ("attributes", ctypes.c_uint32))


def shut_off(limits: Limits) -> bool:  # pragma: no cover  # another system's
    """See `torsend.clean.sandbox.shut_off`."""
    sys.addaudithook(_refuse)
    return _enter_job(limits) and _distrust()


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:  # pragma: no cover  # another system's
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.spawn", "os.startfile")):
        raise PermissionError(event)


def _enter_job(limits: Limits) -> bool:  # pragma: no cover  # another system's
    kernel = _library("kernel32")
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    wanted = _ExtendedLimits()
    wanted.basic.flags = (
        _LIMIT_PROCESS_TIME
        | _LIMIT_ACTIVE_PROCESS
        | _LIMIT_PROCESS_MEMORY
        | _DIE_ON_EXCEPTION
        | _KILL_ON_CLOSE
    )
    wanted.basic.process_time = limits.cpu * 10_000_000  # units of 100 ns
    wanted.basic.active = 1
    wanted.process_memory = limits.memory
    return bool(
        job.value
        and kernel.SetInformationJobObject(
            job, _JOB_EXTENDED_LIMITS, ctypes.byref(wanted), ctypes.sizeof(wanted)
        )
        and kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess()))
    )


def _distrust() -> bool:  # pragma: no cover  # another system's
    kernel = _library("kernel32")
    rights = _library("advapi32")
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    token, sid = ctypes.c_void_p(), ctypes.c_void_p()
    if not rights.OpenProcessToken(
        ctypes.c_void_p(kernel.GetCurrentProcess()), _TOKEN_ADJUST_DEFAULT, ctypes.byref(token)
    ) or not rights.ConvertStringSidToSidW(_UNTRUSTED, ctypes.byref(sid)):
        return False
    label = _Label(sid.value, _SE_GROUP_INTEGRITY)
    return bool(
        rights.SetTokenInformation(token, _TOKEN_INTEGRITY, ctypes.byref(label), ctypes.sizeof(label))
    )


def _library(name: str) -> Any:  # pragma: no cover  # another system's
    # By its name: elsewhere ctypes has none such.
    return vars(ctypes)["WinDLL"](name, use_last_error=True)
