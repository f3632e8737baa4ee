"""Playing the demo street: settle, then every history, then demo.json. A second start finds what stands."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from app import clock
from app.faces.cli.demo.settle import Keys, rows, settle
from tenants.hosts import site_root


def play_street(app: Flask) -> None:
    """Idempotent: each hall is settled in one transaction, each matter is played in one."""
    keys = _keys(app)
    opened = clock.at(clock.today() - timedelta(days=400))
    settle(app, keys, opened=opened, scale=app.config["DEMO_SCALE"])
    _keep(app, keys)
    _write_doors(app, keys, clock.now())


def _keys(app: Flask) -> Keys:
    path = Path(app.config["DATA_DIR"]) / "demo-keys.json"
    return Keys(**json.loads(path.read_text())) if path.exists() else _keep(app, Keys())


def _keep(app: Flask, keys: Keys) -> Keys:
    _write(Path(app.config["DATA_DIR"]) / "demo-keys.json", asdict(keys))
    return keys


def _write(path: Path, data: Any) -> None:
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, indent=1)
    os.replace(draft, path)


def _write_doors(app: Flask, keys: Keys, now: datetime) -> None:
    """``demo.json`` as the running contract asks for it."""
    halls = rows("communities.csv")
    accounts: list[dict[str, str]] = [
        {"role": "street_admin", "site": "street", "login": "guanli", "password": keys.street},
        {"role": "street_supervisor", "site": "street", "login": "zhuren", "password": keys.street},
    ]
    for row in halls:
        for login, role in (("shuji", "secretary"), ("shegong", "community_worker"), ("wangge", "grid_worker")):
            accounts.append({"role": role, "site": row["slug"], "login": login, "password": keys.staff})
        accounts.append({"role": "council_member", "site": row["slug"], "login": "yishi1", "password": keys.council})
    document = {
        "base": site_root(app),
        "street": {"url": site_root(app)},
        "communities": [
            {"slug": row["slug"], "url": site_root(app, row["slug"]), "hall": row["name"]} for row in halls
        ],
        "accounts": accounts,
        "links": {},
        "written_at": now.isoformat(),
    }
    _write(Path(app.config["DATA_DIR"]) / "demo.json", document)
