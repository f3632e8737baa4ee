"""Debian's nginx, PostgreSQL 15 and Redis, fetched where they are missing and never started as services."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

POSTGRES = Path("/usr/lib/postgresql/15/bin")
WANTED = {
    "nginx": ("/usr/sbin/nginx", "nginx"),
    "PostgreSQL 15": (str(POSTGRES / "postgres"), "postgresql-15"),
    "Redis": ("/usr/bin/redis-server", "redis-server"),
    "logrotate": ("/usr/sbin/logrotate", "logrotate"),
    "systemd-analyze": ("/usr/bin/systemd-analyze", "systemd"),
    "openssl": ("/usr/bin/openssl", "openssl"),
    "curl": ("/usr/bin/curl", "curl"),
    "Python with venv": ("/usr/lib/python3.11/ensurepip/__init__.py", "python3-venv"),
    "PyYAML": ("/usr/lib/python3/dist-packages/yaml/__init__.py", "python3-yaml"),
}
#: invoke-rc.d asks this file whether a service may be started; 101 means no.
POLICY = Path("/usr/sbin/policy-rc.d")


class CannotInstall(RuntimeError):
    """Why the proof cannot be made on this machine, in one sentence."""


def insist_on_root() -> None:
    """The servers run under accounts of their own, and only root may become somebody else."""
    if os.geteuid() != 0:
        raise CannotInstall(
            "prove-install must run as root: it starts nginx, PostgreSQL and Redis under their accounts"
        )
    if not shutil.which("apt-get"):
        raise CannotInstall("prove-install needs Debian or Ubuntu: it proves Debian's own packages")


def fetch() -> list[str]:
    """Install what is missing and return its names; what is there already is used as it is."""
    missing = {name: package for name, (program, package) in WANTED.items() if not Path(program).exists()}
    if not missing:
        return []
    mine = _forbid_starting()
    try:
        # The lists of a fresh machine are empty, and those of an old one name files that are gone.
        if not _apt("install", *missing.values()):
            _apt("update")
            if not _apt("install", *missing.values()):
                raise CannotInstall(f"apt-get could not install {', '.join(missing.values())}")
    finally:
        if mine:
            POLICY.unlink()
    return sorted(missing)


def _forbid_starting() -> bool:
    if POLICY.exists():
        return False
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    return True


def _apt(verb: str, *packages: str) -> bool:
    more = ("--no-install-recommends", *packages) if packages else ()
    with tempfile.TemporaryFile() as told:
        done = subprocess.run(
            ["apt-get", "-y", "-q", "-o", "Dpkg::Options::=--force-confold", "-o", "DPkg::Lock::Timeout=120", verb,
             *more],
            stdin=subprocess.DEVNULL, stdout=told, stderr=told, check=False, timeout=240,
            # Debian would make and start a cluster of its own; ours lies in the scratch folder.
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"},
        )  # fmt: skip
    return done.returncode == 0


def versions() -> str:
    """What was put to work, for the figures."""
    asked = (["/usr/sbin/nginx", "-v"], [str(POSTGRES / "postgres"), "-V"], ["/usr/bin/redis-server", "-v"])
    told = [subprocess.run(ask, capture_output=True, text=True, check=True) for ask in asked]
    words = [(one.stdout or one.stderr).strip() for one in told]
    nginx, postgres, redis = words[0].rpartition("/")[2].split()[0], words[1].split()[2], words[2].split()[2][2:]
    return f"{nginx} nginx, {postgres} PostgreSQL, {redis} Redis"
