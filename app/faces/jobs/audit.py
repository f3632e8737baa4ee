"""What the worker does with the sealed logs: seal what waits, anchor each hall in the street, verify when asked.

How far a verification is stands in the program's store, not in a table: it may be lost, the log it reads may not.
"""

from __future__ import annotations

import json
import time
from typing import Any

import structlog
from flask import current_app
from redis.exceptions import RedisError

from app import clock
from app.records import audit, audit_verify
from tenants.database import db
from tenants.queue import enqueue, key, redis
from tenants.scope import current

log = structlog.get_logger()
CHECK = "app.faces.jobs.audit:check"
#: Findings shown on the page; the command line names them all.
SHOWN = 100
#: For how many seconds a result is kept, and after how many of silence a check counts as dead.
KEPT, SILENCE = 30 * 24 * 3600, 120
EVERY = 0.5


def seal() -> None:
    """Seal everything that waits in the bound hall; each seal is a transaction of its own."""
    while audit.seal_some(now=clock.now()):
        db.session.commit()


def seal_street() -> None:
    """The same in the bound street."""
    seal()


def anchor() -> None:
    """Write each hall's newest seal into the street's own log and into the program's, and seal that too."""
    for hall, no, found in audit.anchor(now=clock.now()):
        log.info("newest seal", chain=f"community:{hall}", no=no, hash=found)
    db.session.commit()
    seal()
    newest = audit.newest(audit.chain_here())
    if newest is not None:
        log.info("newest seal", chain=audit.chain_here().name, no=newest.no, hash=newest.hash)


def last_check() -> dict[str, Any] | None:
    """What is known of the last verification of the bound chain; None where there was none or the store is away."""
    try:
        kept = redis().get(_key())
    except RedisError:
        return None
    found: dict[str, Any] | None = json.loads(kept) if kept else None
    if found and found["state"] in ("waiting", "running") and abs(time.time() - found["beat"]) > SILENCE:
        found["state"] = "lost"
    return found


def ask_for_check(by: str) -> None:
    """Verify the bound chain soon, unless that is under way."""
    found = last_check()
    if found is None or found["state"] not in ("waiting", "running"):
        _keep({"state": "waiting", "by": by, "asked_at": clock.now().isoformat(), "done": 0, "total": 0})
        enqueue(current(), CHECK)


def check() -> None:
    """Verify the bound chain and keep the result."""
    state = (last_check() or {"by": "", "asked_at": clock.now().isoformat()}) | {"state": "running"}
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            _keep(state | {"done": done, "total": total})

    report = audit_verify.verify(tell, strict_dates=current_app.config["MODE"] != "demo")
    newest = report.newest
    _keep(state | {
        "state": "done", "finished_at": clock.now().isoformat(), "seals": report.seals, "lines": report.lines,
        "waiting": report.waiting, "anchored": report.anchored, "count": report.count,
        "no": newest.no if newest else 0,
        "findings": [finding.as_dict() for finding in report.findings[:SHOWN]],
    })  # fmt: skip
    if report.count:
        log.error("a sealed log was touched", chain=report.chain, findings=report.count)


def _key() -> str:
    return key("audit", "check")


def _keep(state: dict[str, Any]) -> None:
    redis().set(_key(), json.dumps(state | {"beat": time.time()}), ex=KEPT)
