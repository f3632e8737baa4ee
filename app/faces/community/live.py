"""Doors of the hall: the sitting as it happens, on the wall, on phones and at the desk.

A page that is open asks about once a second whether anything is new. While nothing is, the answer (304) comes from the
number kept in Redis alone: no statement, no account. What is new is drawn once and handed to everybody who asks.
Names of speakers and of raised hands are for those in the room: their pages carry a signed key.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from flask_babel import get_locale

from app import clock
from app.errors import Missing
from app.faces.community.live_key import holds_key, live_url
from app.faces.community.live_view import LiveView, read_live
from app.faces.doors import Door
from app.faces.pages import page
from app.faces.visitor import actor, visitor
from app.flow.decide.queries import turnout_of
from app.flow.deliberate import actions, queries, watch
from app.flow.deliberate.models import VIEWS, Sitting
from app.people.permissions import Permission
from app.words import N_
from tenants import live as numbers
from tenants.hosts import site_url

#: ``hall`` is for everybody and names nobody; ``room`` and ``screen`` name who speaks; ``desk`` only hears that
#: something is new and asks its own page for it.
LOOKS = {"hall": "hall/_live_room.html", "room": "hall/_live_room.html", "screen": "hall/_live_screen.html", "desk": ""}
#: While votes come in they are counted this often for all watchers together, in milliseconds.
RECOUNT = 700


def _look_of_request(sitting_id: UUID) -> str:
    look = request.args.get("look", "hall")
    if look not in LOOKS:
        raise Missing(N_("没有这个会。"))
    if look != "hall" and not holds_key(sitting_id, look):
        raise Missing(N_("这一页开得太久了，请重新打开。"))
    return look


def live(sitting_id: UUID) -> Response:
    """What is new since the tag that the page holds: 304, or the part of the page that changed."""
    look = _look_of_request(sitting_id)
    # The compression of the answer marks the tag behind a colon.
    held = (request.headers.get("If-None-Match") or "").removeprefix("W/").strip('"').partition(":")[0]
    tag, body = _tag_now(sitting_id, held), None
    if not tag or tag != held:
        body = numbers.kept(sitting_id, tag, _drawn_as(look)) if tag else None
        if body is None:
            tag, body = _draw(sitting_id, look)
    answer = Response(status=304) if tag == held else Response(body or "", mimetype="text/html")
    answer.headers["ETag"] = f'"{tag}"'
    answer.headers["X-Hall-Clock"] = str(_milliseconds())
    return answer


def _drawn_as(look: str) -> str:
    return f"{look}.{get_locale()}"


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


def _tag_now(sitting_id: UUID, held: str) -> str:
    """The tag of what is drawn already, or "" when it must be drawn: ``number.-``, or ``number.ballot.votes cast``."""
    number, tag = numbers.standing(sitting_id)
    if number is None:
        number = watch.number_of(sitting_id)
        if number is None:
            raise Missing(N_("没有这个会。"))
        numbers.publish({sitting_id: number})
    if held == f"{number}.-":
        # A vote that opens raises the number, so nothing that was quiet can have begun to move under it.
        return held
    if not tag.startswith(f"{number}."):
        return ""
    _, ballot, cast = [*tag.split("."), ""][:3]
    if ballot == "-" or not numbers.draw_again(sitting_id, RECOUNT):
        return tag
    return tag if str(turnout_of(UUID(ballot))[1]) == cast else ""


def _draw(sitting_id: UUID, look: str) -> tuple[str, str]:
    view = read_live(sitting_id)
    body = _drawn(view, look)
    numbers.keep(sitting_id, view.tag, _drawn_as(look), body)
    return view.tag, body


def _drawn(view: LiveView, look: str) -> str:
    return page(LOOKS[look], v=view, names=look != "hall") if LOOKS[look] else ""


def sitting_screen(sitting_id: UUID) -> str:
    """The projected screen: agenda, stools, the question, who speaks until when, the count once it is known."""
    view = read_live(sitting_id)
    return page(
        "hall/sitting_screen.html", v=view, sitting=view.sitting, names=True, clock_now=_milliseconds(), tag=view.tag,
        live_url=live_url(sitting_id, "screen"),
    )  # fmt: skip


def on_page(sitting_id: UUID) -> dict[str, Any] | None:
    """What the public page of a sitting shows of it while it is held, and the visitor's own hand; None when it is not.

    Whoever stands on the register, and the staff, reads the names; everybody else reads what happens without them.
    """
    view = read_live(sitting_id)
    if view.sitting.state not in ("noticed", "open"):
        return None
    me = visitor()
    mine = next((line for line in view.register if me is not None and line.account_id == me.id), None)
    inside = mine is not None or (me is not None and me.is_staff)
    return {
        "v": view, "names": inside, "mine": mine, "hand_up": mine is not None and mine.id in view.up,
        "tag": view.tag, "clock_now": _milliseconds(), "live_url": live_url(sitting_id, "room" if inside else "hall"),
    }  # fmt: skip


def _found(sitting_id: UUID) -> Sitting:
    found = queries.find_sitting(sitting_id)
    if found is None or found.state == "planned":
        raise Missing(N_("没有这个会。"))
    return found


def hand(sitting_id: UUID) -> Any:
    """Raise one's own hand from the phone."""
    return _own_hand(sitting_id, up=True)


def hand_down(sitting_id: UUID) -> Any:
    """Take one's own hand down."""
    return _own_hand(sitting_id, up=False)


def _own_hand(sitting_id: UUID, *, up: bool) -> Any:
    found, by = _found(sitting_id), actor()
    line = queries.line_of(sitting_id, by.id) if by.id else None
    if line is None:
        raise Missing(N_("到会名单上没有您，请到签到的桌子那儿说一声。"))
    if up:
        view = request.form.get("view", "")
        actions.raise_hand(found, line.id, view if view in VIEWS else "", by=by, now=clock.now())
    else:
        actions.lower_hand(found, line.id, by=by, now=clock.now())
    return redirect(site_url("community.public_sitting", sitting_id=sitting_id) + "#live", 303)


P = Permission
ONE = "/sittings/<uuid:sitting_id>"
DOORS: list[Door] = [
    Door("GET", ONE + "/screen", sitting_screen, P.SITTING_WRITE),
    Door("GET", ONE + "/live", live, P.ANYONE_ENTER),
    Door("POST", ONE + "/hands", hand, P.ACCOUNT_USE, name="hand"),
    Door("POST", ONE + "/hands/lowering", hand_down, P.ACCOUNT_USE, name="hand_lowering"),
]
