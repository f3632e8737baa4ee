"""Configuration from the environment, with the keys it needs made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The settings of this process. Units: sizes in bytes, times in seconds or ``timedelta``."""
    root = Path(__file__).resolve().parent.parent
    data_dir = Path(environ.get("DATA_DIR") or root / "instance").resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    port = environ.get("PORT", "8000")
    url = environ.get("DATABASE_URL", "postgresql+psycopg://cm_login@/yiqilai")
    engine = {"pool_size": 5, "max_overflow": 10, "pool_pre_ping": True, "hide_parameters": True}
    binds: dict[str, Any] = {
        "guest": {"url": environ.get("DATABASE_GUEST_URL", url.replace("cm_login", "cm_guest_login", 1)), **engine}
    }
    if environ.get("DATABASE_OWNER_URL"):
        binds["keeper"] = {"url": environ["DATABASE_OWNER_URL"], "pool_size": 1, "hide_parameters": True}
    return {
        "MODE": environ.get("YIQILAI_MODE", "serve"),
        "DATA_DIR": str(data_dir),
        "BASE_HOST": environ.get("BASE_HOST", f"localhost:{port}"),
        "TENANT_BY": environ.get("TENANT_BY", "host"),
        "PREFERRED_URL_SCHEME": environ.get("URL_SCHEME", "http"),
        "REDIS_URL": environ.get("REDIS_URL", "redis://localhost:6379/0"),
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine,
        "SQLALCHEMY_BINDS": binds,
        "LOG_LEVEL": environ.get("LOG_LEVEL") or "INFO",
        "METRICS_TOKEN": environ.get("METRICS_TOKEN", ""),
        "DEMO_SCALE": max(1, int(environ.get("DEMO_SCALE", "1"))),
        **_keys(data_dir, environ),
        # Keys that were SECRET_KEY before, by blanks: what they signed is read until it runs out, nothing new is.
        "SECRET_KEY_FALLBACKS": environ.get("SECRET_KEY_FALLBACKS", "").split(),
        **_web(environ),
        **_channels(environ),
    }


_SMS = ("URL", "APP", "KEY", "SIGN", "TEMPLATE", "CODE_TEMPLATE")


def _channels(environ: Mapping[str, str]) -> dict[str, Any]:
    """The keys of what carries messages out; an empty one means that the channel is not set up.

    ``SMTP_URL`` (``smtp://user:password@host:587``, ``smtps://…``) may stand for the single ``SMTP_*``;
    ``SMTP_STARTTLS=off`` is for a server on the same machine. ``WECOM_WEBHOOKS`` lists slug=address, by blanks.
    """
    url = urlsplit(environ.get("SMTP_URL", ""))
    tls = "" if environ.get("SMTP_STARTTLS", "on") in ("off", "0", "no") else "starttls"
    if url.scheme == "smtps" or environ.get("SMTP_PORT") == "465":
        tls = "ssl"
    bots = (pair.partition("=") for pair in environ.get("WECOM_WEBHOOKS", "").split())
    return {
        "SMTP_HOST": environ.get("SMTP_HOST") or url.hostname or "",
        "SMTP_PORT": int(environ.get("SMTP_PORT") or url.port or (465 if tls == "ssl" else 587)),
        "SMTP_USER": environ.get("SMTP_USER") or unquote(url.username or ""),
        "SMTP_PASSWORD": environ.get("SMTP_PASSWORD") or unquote(url.password or ""),
        "SMTP_FROM": environ.get("SMTP_FROM", ""),
        "SMTP_TLS": tls,
        **{f"SMS_{name}": environ.get(f"SMS_{name}", "") for name in _SMS},
        "WECOM_WEBHOOKS": {slug: address for slug, _equals, address in bots if address},
    }


def _web(environ: Mapping[str, str]) -> dict[str, Any]:
    secure = environ.get("URL_SCHEME", "http") == "https"
    return {
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=180),
        "IDLE_LOGOUT": timedelta(minutes=30),
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        # Six photos of ten megabytes and the form around them; a single photo is limited where it is decoded.
        "MAX_CONTENT_LENGTH": 64 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "PHOTO_BYTES": 10 * 1024 * 1024,
        "BABEL_DEFAULT_LOCALE": "zh_Hans",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": str(Path(__file__).resolve().parent.parent / "translations"),
        "LANGUAGES": ("zh_Hans", "zh_Hant", "en"),
        "TRUST_PROXY": environ.get("TRUST_PROXY", "") == "1",
        "ARGON2_FAST": environ.get("YIQILAI_MODE") == "test",
        "JSON_AS_ASCII": False,
        "RATELIMIT_ENABLED": environ.get("RATELIMIT", "on") != "off",
    }


def _keys(data_dir: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Keys from the environment, else from ``DATA_DIR/keys`` (0600), made at the first start."""
    kept = data_dir / "keys"
    kept.mkdir(mode=0o700, exist_ok=True)
    names = {"SECRET_KEY": "session", "WTF_CSRF_SECRET_KEY": "csrf", "HMAC_KEY": "hmac", "SEAL_KEY": "seal"}
    return {name: environ.get(name) or _kept_key(kept / file) for name, file in names.items()}


def backup_key(data_dir: Path, environ: Mapping[str, str] = os.environ) -> str:
    """What archives are sealed with: ``BACKUP_KEY``, else a file beside the other keys, made at the first backup."""
    return environ.get("BACKUP_KEY") or _kept_key(data_dir / "keys" / "backup")


def _kept_key(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    # Web, worker and scheduler may start together: the first one to link its draft wins and the others read it.
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
