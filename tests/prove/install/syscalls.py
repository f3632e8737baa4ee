"""The filter of system calls that a unit asks for, put on for real with libseccomp where systemd does not run."""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import functools
import re
import subprocess
from collections.abc import Callable, Sequence

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
#: What happens between the filter and the unit's own program belongs to the starter, not to the unit: becoming the
#: account, and giving up rights for good.
STARTING = ("setuid", "setgid", "setgroups", "setresuid", "setresgid", "capset", "capget", "prctl", "execve")


def filter_of(lines: Sequence[str]) -> Callable[[], None]:
    """What a new process does to take the filter on; nothing where libseccomp or the rights for it are missing."""
    library = _library()
    if not lines or library is None:
        return lambda: None
    names = sorted(allowed(tuple(lines)) | set(STARTING))
    numbers = [number for name in names if (number := library.seccomp_syscall_resolve_name(name.encode())) >= 0]

    def load() -> None:
        context = library.seccomp_init(ERRNO | errno.EPERM)
        for number in numbers:
            library.seccomp_rule_add_array(ctypes.c_void_p(context), ALLOW, number, 0, None)
        library.seccomp_load(ctypes.c_void_p(context))

    return load


def works() -> bool:
    """Whether the filter can be put on at all on this machine."""
    return _library() is not None


@functools.cache
def allowed(lines: tuple[str, ...]) -> set[str]:
    """The calls that remain: the first line says which may be made, later lines add and (with ~) take away."""
    found = set(_group("@default"))
    for line in lines:
        names = {name for word in line.lstrip("~").split() for name in (_group(word) if word[0] == "@" else {word})}
        found = found - names if line.startswith("~") else found | names
    return found


@functools.cache
def _group(name: str) -> frozenset[str]:
    told = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True)
    words = re.findall(r"^    ([@\w-]+)$", told.stdout, re.MULTILINE)
    return frozenset(one for word in words for one in (_group(word) if word.startswith("@") else {word}))


@functools.cache
def _library() -> ctypes.CDLL | None:
    path = ctypes.util.find_library("seccomp")
    if not path:
        return None
    library = ctypes.CDLL(path)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_init.argtypes = [ctypes.c_uint32]
    library.seccomp_rule_add_array.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p,
    ]  # fmt: skip
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    return library
