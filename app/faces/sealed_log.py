"""The sealed log as its page shows it, for the hall's desk and the street's: newest seal, verifying, taking away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, current_app, g, jsonify, redirect, render_template
from flask_babel import gettext as _
from redis.exceptions import RedisError

from app import clock
from app.errors import Refused
from app.faces.doors import Door
from app.faces.jobs import audit as job
from app.faces.visitor import actor
from app.people.permissions import Permission
from app.records import audit, audit_export
from app.records.audit_sources import LABELS
from app.records.audit_verify import WORDS
from app.words import N_
from tenants.hosts import site_url

#: State of a verification → its words, icon and tone.
STATES = {
    "waiting": (N_("排着队，马上就核"), "hourglass-split", "info"),
    "running": (N_("正在核对"), "hourglass-split", "info"),
    "lost": (N_("核到一半停了，请再点一次"), "x-octagon-fill", "late"),
}  # fmt: skip
MOVING = ("waiting", "running")


def doors(
    face: str, at: str, permission: Permission, *, shown: Callable[[], str], log: Callable[..., Any]
) -> list[Door]:
    """The doors of one face below ``at``: its own page is ``shown``, its own log is written with ``log``."""

    def noted(what: str) -> None:
        log("audit", what, by=actor(), now=clock.now())

    def check() -> Any:
        """Verify all of it in the background."""
        noted("check")
        return begin(face)

    def told() -> Response:
        """How far that is."""
        return jsonify(progress())

    def file() -> Response:
        """The seals as a file; that somebody took it is written down."""
        noted("export")
        return file_answer(g.site.slug if face == "community" else face)

    def sheet() -> str:
        """The newest seal on paper."""
        return paper(face)

    return [
        Door("GET", at, shown, permission, name="audit"),
        Door("GET", f"{at}/progress", told, permission, name="audit_progress"),
        Door("POST", f"{at}/checks", check, permission, name="audit_check"),
        Door("POST", f"{at}/files", file, permission, name="audit_file"),
        Door("GET", f"{at}/paper", sheet, permission, name="audit_paper"),
    ]


def values(face: str) -> dict[str, Any]:
    """What the page needs: the newest seal, what waits, and the last verification in words."""
    chain = audit.chain_here()
    found = job.last_check()
    return {
        "newest": audit.newest(chain), "waiting": audit.waiting(chain), "check": _check(found), "face": face,
        "anchored": audit.anchored(chain) if chain.kind == "community" else None,
    }  # fmt: skip


def _check(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    if found["state"] == "done":
        good = (N_("核过了，一行都没动过"), "check-circle-fill", "ok")
        bad = (N_("有 %(n)s 处对不上"), "x-octagon-fill", "late")
        words, icon, tone = bad if found["count"] else good
        chip = (_(words, n=found["count"]) if found["count"] else _(words), icon, tone)
    else:
        words, icon, tone = STATES[found["state"]]
        chip = (_(words), icon, tone)
    return found | {
        "chip": chip, "moving": found["state"] in MOVING, "percent": _percent(found),
        "finished": _moment(found.get("finished_at")), "rows": [_row(one) for one in found.get("findings", ())],
    }  # fmt: skip


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "what": _(WORDS[one["kind"]]), "log": _(LABELS[one["source"]]) if one["source"] else "", "id": one["row_id"],
        "at": _moment(one["at"]), "seal": one["seal"], "sealed_at": _moment(one["sealed_at"]),
    }  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _percent(found: dict[str, Any]) -> int:
    return int(100 * found["done"] / found["total"]) if found.get("total") else 0


def begin(face: str) -> Any:
    """Ask for a verification; a second tap while one runs changes nothing."""
    try:
        job.ask_for_check(actor().label)
    except RedisError as error:
        raise Refused(N_("后台这会儿没开，过几分钟再来核。")) from error
    return redirect(site_url(f"{face}.audit"), 303)


def progress() -> dict[str, Any]:
    """How far it is, as the page's script asks for it."""
    found = job.last_check() or {"state": "lost", "done": 0, "total": 0}
    words = _("%(done)s / %(total)s 行", done=found.get("done", 0), total=found.get("total", 0))
    return {"state": found["state"], "percent": _percent(found), "words": words}


def file_answer(name: str) -> Response:
    """The seals as a download, without anything anybody wrote: enough to hold the log against later."""
    now = clock.now()
    data = b"".join(audit_export.export(name, since=None, until=None, now=now, words=False))
    answer = Response(data, mimetype="application/jsonl")
    file = f"audit_{name}_{clock.local(now):%Y-%m-%d}.jsonl"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def paper(face: str) -> str:
    """The newest seal on one sheet, to be signed and put away: what is on paper cannot be cut off any more."""
    chain = audit.chain_here()
    return render_template(
        "seal_paper.html", newest=audit.newest(chain), chain=chain.name, face=face,
        by=current_app.config["BASE_HOST"].split(",")[0],
    )  # fmt: skip
