"""A whole office below one scratch folder: Debian's servers with the files that deploy/install.sh put there."""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.supervise.children import die_with_parent
from tests.journeys.program import free_port
from tests.prove.install.packages import POSTGRES
from tests.prove.install.units import Manager

SOURCE = Path(__file__).resolve().parents[3]
# An account of every Debian that owns nothing and that systemd does not warn about, as it does about "nobody".
ACCOUNT, GROUP, BASE = "daemon", "www-data", "yiqilai.test"
#: What a release folder does not carry with it.
LEFT_OUT = (
    ".git",
    ".venv",
    ".cache",
    "instance",
    "tests",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
)
#: Debian's own programs come first, above all its Python; how this machine reaches its package index is its own affair.
SYSTEM = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
PASSED_ON = {
    name: value for name, value in os.environ.items()
    if name == "HOME" or name.startswith(("PIP_", "UV_", "SSL_")) or name.lower().endswith("_proxy")
}  # fmt: skip
SHIM = """#!/bin/sh
exec '{python}' -I -c '
import json, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect("{path}")
line.sendall(json.dumps(sys.argv[1:]).encode() + b"\\n")
told = line.makefile().read()
sys.stderr.write(told)
sys.exit(1 if told else 0)
' "$@"
"""


@dataclass
class Office:
    """``root`` is the scratch folder that stands for the machine."""

    root: Path
    https: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    servers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    tenant_by: str = "host"

    def __post_init__(self) -> None:
        self.logs = self.root / "logs"
        self.logs.mkdir(parents=True)
        # Every account walks through here to what is its own; the passwords below are closed to it.
        self.root.chmod(0o755)
        self.manager = Manager(self.root / "etc/systemd/system", self.logs)
        self._listen_to_systemctl()

    @property
    def base(self) -> str:
        return f"{BASE}:{self.https}"

    def path(self, absolute: str) -> Path:
        """Where ``/etc/…`` lies here."""
        return self.root / absolute.lstrip("/")

    @property
    def env(self) -> dict[str, str]:
        """What install.sh and upgrade.sh are told; on a real machine only BASE_HOST."""
        return {
            **PASSED_ON, "PATH": SYSTEM, "LANG": "C.UTF-8", "ROOT": str(self.root), "BASE_HOST": self.base,
            "TENANT_BY": self.tenant_by, "ACCOUNT": ACCOUNT, "GROUP": GROUP, "HTTP_PORT": str(self.http),
            "HTTPS_PORT": str(self.https), "LISTEN": "127.0.0.1", "SYSTEMCTL": str(self.root / "systemctl"),
        }  # fmt: skip

    def sh(self, script: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A script of deploy/ as the clerk runs it."""
        return subprocess.run(
            ["sh", str(script), *arguments], env={**self.env, **more}, capture_output=True, text=True, check=False,
            timeout=180,
        )  # fmt: skip

    def install(self) -> None:
        """install.sh, then the certificate, where the runbook says it belongs."""
        done = self.sh(SOURCE / "deploy/install.sh")
        assert done.returncode == 0, done.stdout + done.stderr
        tls = self.path("/etc/yiqilai/tls")
        if not (tls / "privkey.pem").exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                 "3",
                 "-keyout", str(tls / "privkey.pem"), "-out", str(tls / "fullchain.pem"), "-subj", f"/CN={BASE}",
                 "-addext", f"subjectAltName=DNS:{BASE},DNS:*.{BASE}"],
                check=True, capture_output=True,
            )  # fmt: skip

    def unpack(self, name: str, like: Path | None = None) -> Path:
        """A release folder. Its packages are installed by upgrade.sh on Debian's own Python; ``like`` is an earlier
        release with the same locks, whose packages may be shared. The pages' own files come from this checkout.
        """
        release = self.path(f"/opt/yiqilai/releases/{name}")
        shutil.copytree(SOURCE, release, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (release / ".cache/npm").mkdir(parents=True)
        (release / ".cache/npm/node_modules").symlink_to(SOURCE / ".cache/npm/node_modules")
        for stamp in (SOURCE / ".cache").glob("stamp-*"):
            if not stamp.name.startswith("stamp-install_packages"):
                shutil.copy2(stamp, release / ".cache")
        if like:
            (release / ".venv").symlink_to(like / ".venv")
            shutil.copy2(like / ".cache/stamp-install_packages", release / ".cache")
        for folder, _names, files in os.walk(release):
            Path(folder).chmod(0o755)
            for file in files:
                path = Path(folder, file)
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o044)
        return release

    def upgrade(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """The installed upgrade.sh."""
        return self.sh(self.path("/usr/local/lib/yiqilai/upgrade.sh"), *arguments, **more)

    def flask(self, *arguments: str) -> str:
        """``yiqilai …`` as the clerk types it."""
        done = self.sh(self.path("/usr/local/lib/yiqilai/yiqilai.sh"), *arguments)
        assert done.returncode == 0, f"yiqilai {' '.join(arguments)}: {done.stdout}{done.stderr}"[-3000:]
        return done.stdout

    def spawn(self, name: str, command: list[str], account: str = "", group: str = "", cwd: Path | None = None) -> None:
        """A server in the foreground, under its own account; it dies with us."""
        user = pwd.getpwnam(account) if account else None
        with (self.logs / f"{name}.log").open("ab") as log:
            self.servers[name] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=cwd or self.root,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, user=user.pw_uid if user else None,
                group=grp.getgrnam(group or account).gr_gid if user else None, extra_groups=[] if user else None,
                preexec_fn=die_with_parent(signal.SIGTERM, os.getpid()),
            )  # fmt: skip

    def wait(self, name: str, answers: Callable[[], bool], seconds: float = 60) -> None:
        """Until it answers; its log is shown when it does not."""
        deadline = time.monotonic() + seconds
        while not answers():
            if time.monotonic() > deadline or self.servers[name].poll() is not None:
                raise AssertionError(f"{name} did not start: {self.log(name)[-2000:]}")
            time.sleep(0.05)

    def log(self, name: str) -> str:
        path = self.logs / f"{name}.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def stop(self) -> None:
        """The program first, the database last."""
        self.manager.stop_all()
        for name, number in (("nginx", signal.SIGTERM), ("redis", signal.SIGTERM), ("postgres", signal.SIGINT)):
            if process := self.servers.pop(name, None):
                process.send_signal(number)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _listen_to_systemctl(self) -> None:
        path = self.root / "systemctl.sock"
        shim = self.root / "systemctl"
        shim.write_text(SHIM.format(python="/usr/bin/python3", path=path))
        shim.chmod(0o755)
        line = socket.socket(socket.AF_UNIX)
        line.bind(str(path))
        line.listen(8)
        # Units die with the thread that started them, so it is one thread that lives as long as the proof.
        threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        while True:
            with contextlib.suppress(OSError):
                asked, _ = line.accept()
                with asked:
                    verb, *names = json.loads(asked.makefile().readline())
                    asked.sendall(self.manager.do(verb, *names).encode())

    def systemctl(self, *arguments: str) -> None:
        """As the shell would."""
        done = subprocess.run([str(self.root / "systemctl"), *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"systemctl {' '.join(arguments)}: {done.stderr}"


def debians(path: str, changes: dict[str, str]) -> str:
    """A configuration file of a Debian package with other paths in it."""
    text = Path(path).read_text("utf-8")
    for before, after in changes.items():
        text = re.sub(before, after, text, flags=re.MULTILINE)
    return text


def initdb(data: Path) -> None:
    """A cluster as a bare Debian makes it: no language set, so the locale is C."""
    data.mkdir(parents=True)
    user = pwd.getpwnam("postgres")
    os.chown(data, user.pw_uid, user.pw_gid)
    data.chmod(0o700)
    done = subprocess.run(
        [str(POSTGRES / "initdb"), "-D", str(data), "-U", "postgres", "--auth=reject", "--no-sync"], user=user.pw_uid,
        group=user.pw_gid, extra_groups=[], cwd=data, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
