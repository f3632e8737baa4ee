"""What the environment says about one start, and what the parts are told in turn."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.supervise import children
from deploy.supervise.binaries import EngineError
from deploy.supervise.engines import SUPERUSER, Engines

ROOT = Path(__file__).resolve().parents[2]
LOGIN, GUEST = "cm_login", "cm_guest_login"


@dataclass(frozen=True)
class Settings:
    """One start: ``mode`` is demo, serve or test; ``bind`` is host:port or a unix: address for the web server."""

    mode: str
    data: Path
    port: int
    bind: str
    base_host: str
    outside: Mapping[str, str]

    @classmethod
    def read(cls, mode: str, env: Mapping[str, str] = os.environ) -> Settings:
        port = env.get("PORT") or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise EngineError(f"PORT must be a number from 1 to 65535, not {port!r}.")
        data = Path(env.get("DATA_DIR") or "instance")
        return cls(
            mode=mode,
            data=(data if data.is_absolute() else ROOT / data).resolve(),
            port=int(port),
            bind=env.get("BIND") or f"127.0.0.1:{port}",
            base_host=env.get("BASE_HOST") or f"localhost:{port}",
            outside={key: env[key] for key in ("DATABASE_URL", "REDIS_URL") if env.get(key)},
        )

    @property
    def base(self) -> str:
        return f"http://{self.base_host}"

    def engines(self) -> Engines:
        """The servers this start has to bring itself; an address from outside replaces one."""
        return Engines(self.data, postgres="DATABASE_URL" not in self.outside, valkey="REDIS_URL" not in self.outside)

    def environment(self, engines: Engines) -> dict[str, str]:
        """Everything the program reads, on top of the caller's own environment."""
        env = {**os.environ, **self.addresses(engines)}
        env.setdefault("TENANT_BY", "host")
        env.setdefault("DEMO_SCALE", "1")
        return env

    def addresses(self, engines: Engines) -> dict[str, str]:
        """The part of the environment a later command needs to join a running start."""
        env = {
            children.MARK: str(self.data),
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "BASE_HOST": self.base_host,
            "YIQILAI_MODE": self.mode,
        }
        if engines.wanted["postgres"]:
            env["DATABASE_URL"] = engines.database_url(LOGIN)
            env["DATABASE_GUEST_URL"] = engines.database_url(GUEST)
            env["DATABASE_OWNER_URL"] = engines.database_url(SUPERUSER)
        if engines.wanted["valkey"]:
            env["REDIS_URL"] = engines.redis_url()
        return env


def claim(settings: Settings) -> None:
    """Mark a data folder as a demo's or an office's: a demo's passwords and clock must never reach an office."""
    path = settings.data / "mode"
    found = path.read_text("ascii").strip() if path.exists() else ""
    if found and found != settings.mode:
        raise EngineError(
            f"{settings.data} belongs to `{found}`; give `{settings.mode}` a folder of its own: DATA_DIR=… ./run …"
        )
    path.write_text(settings.mode + "\n", "ascii")


def claimed_mode(data: Path) -> str:
    """What the folder was claimed for; an unclaimed one is treated as an office's, which allows less."""
    path = data / "mode"
    return (path.read_text("ascii").strip() if path.exists() else "") or "serve"


def is_prepared(settings: Settings) -> bool:
    """Whether the folder's own cluster was prepared by just this source; a server of its own is asked every time."""
    note = settings.data / "prepared"
    return not settings.outside and note.exists() and note.read_text("utf-8") == schema_fingerprint()


def note_prepared(settings: Settings) -> None:
    (settings.data / "prepared").write_text(schema_fingerprint(), "utf-8")


def schema_fingerprint() -> str:
    """What tables, roles and policies are made from, as one hash; a start with the same need not look again."""
    files = [*(ROOT / "migrations").rglob("*.py"), *(ROOT / "tenants").glob("*.py")]
    # Tables stand in several files of a room; a grant that changes in any of them must reach an existing folder.
    files += [path for path in (ROOT / "app").rglob("*.py") if b"db.Model)" in path.read_bytes()]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def publish(settings: Settings, engines: Engines) -> None:
    """Tell later commands where the running servers are; addresses from outside stay with their giver."""
    path = settings.data / "running.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(settings.addresses(engines), indent=1), "utf-8")


def withdraw(settings: Settings) -> None:
    (settings.data / "running.json").unlink(missing_ok=True)


def published(data: Path) -> dict[str, str] | None:
    """What :func:`publish` wrote, or None before it did."""
    try:
        return dict(json.loads((data / "running.json").read_text("utf-8")))
    except (OSError, ValueError):
        return None
