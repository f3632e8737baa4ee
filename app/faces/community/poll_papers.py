"""Doors of the desk: numbered papers with stubs. Printed once, handed out by name, taken back, voided by two people.

A slip's code stands on the paper alone; it is shown on the answer to the print and never again.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from markupsafe import Markup

from app import clock
from app.errors import Missing, Refused
from app.faces.community import poll_forms as forms
from app.faces.community.inputs import as_uuid, last_page, page_number, tidy
from app.faces.community.poll_page import asked, attempt, back_to, fill_second, found_poll, seconds, with_second, words
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk, page
from app.faces.visitor import actor
from app.flow.decide import papers
from app.flow.decide import poll_queries as queries
from app.flow.decide.models import BallotStub, Poll
from app.people.permissions import Permission
from app.records.qr import qr_svg
from app.words import N_
from tenants.database import db
from tenants.hosts import site_url

PAGE = 50
STUB_STATES = {
    "printed": (N_("还没发"), "circle", ""), "issued": (N_("发出去了"), "person-check", "info"),
    "returned": (N_("收回了"), "check-circle-fill", "ok"), "void": (N_("作废了"), "slash-circle", "late"),
}  # fmt: skip
#: Lines that fit under the stub: on half a sheet, on a whole one in larger letters, on a whole one in plain ones.
ON_A_HALF, LARGE_ON_A_SHEET, ON_A_SHEET = 8, 19, 26


def poll_papers(poll_id: UUID) -> Any:
    """The stubs, and what is done with them."""
    return _papers(poll_id)


def _papers(poll_id: UUID, status: int = 200, **refused: Any) -> Any:
    poll, matter = found_poll(poll_id)
    wanted = request.args.get("state", "")
    wanted = wanted if wanted in STUB_STATES else ""
    number = page_number()
    rows, total = queries.stubs_page(poll_id, PAGE, (number - 1) * PAGE, wanted)
    return desk(
        "desk/poll_papers.html", "votes", poll=poll, matter=matter, rows=rows, total=total, number=number,
        wanted=wanted, last=last_page(total, PAGE), progress=queries.progress(poll), states=STUB_STATES,
        tabs=[
            (say(text), site_url("community.poll_papers", poll_id=poll_id, state=key), wanted == key)
            for key, (text, _icon, _tone) in STUB_STATES.items()
        ],
        printing=refused.get("printing") or forms.PrintForm(formdata=None, n=20, after=str(poll.last_serial)),
        handing=refused.get("handing") or {}, taking=refused.get("taking") or {},
        url_of=lambda n: site_url("community.poll_papers", poll_id=poll_id, page=n, state=wanted or None),
        **words(poll),
    ), status  # fmt: skip


def printing(poll_id: UUID) -> Any:
    """Print so many papers: their codes are shown on this answer only."""
    poll, matter = found_poll(poll_id)
    form = forms.PrintForm()

    def act() -> Any:
        # The number up to which papers were there when the page was shown: a second click finds it passed.
        if form.after.data not in (None, "", str(poll.last_serial)):
            raise Refused(N_("刚才已经印过，号排到 %(n)s 了。还要印，就再点一次。"), n=poll.last_serial)
        return papers.print_stubs(poll, form.n.data, by=actor(), now=clock.now())

    printed = attempt(form, act)
    if printed is None:
        form.after.data = str(found_poll(poll_id)[0].last_serial)
        return _papers(poll_id, 422, printing=form)
    questions = asked(queries.questions_of(poll_id))
    lines = _lines(questions)
    slips = [
        {"serial": one.serial, "code": f"{one.code[:4]} {one.code[4:]}",
         "qr": Markup(qr_svg(one.code, label=_("第 %(n)s 号票条的码", n=one.serial)))}  # noqa: S704 (our own drawing)
        for one in printed
    ]  # fmt: skip
    per = 2 if lines <= ON_A_HALF else 1
    return page(
        "desk/poll_print.html", poll=poll, matter=matter, questions=questions, n=len(slips), per=per,
        sheets=[slips[at : at + per] for at in range(0, len(slips), per)], is_long=lines > ON_A_SHEET,
        is_large=per == 1 and lines <= LARGE_ON_A_SHEET, **words(poll),
        back=site_url("community.poll_papers", poll_id=poll_id),
    )  # fmt: skip


def _lines(questions: list[dict[str, Any]]) -> int:
    """How many lines the questions take on paper; long words wrap, yes and no stand side by side."""
    lines = 0
    for q in questions:
        lines += 2 + len(q["words"]) // 26
        for option in q["options"]:
            lines += 1 + len(option["label"]) // 26 + -(-len(option.get("words") or "") // 44)
        lines += 0 if q["options"] else 1
    return lines


def handing(poll_id: UUID) -> Any:
    """Hand one paper to somebody on the roll; several of that name are offered to choose from."""
    poll, _matter = found_poll(poll_id)
    stub, who, voter = (tidy(request.form.get(name))[:60] for name in ("stub", "who", "voter"))
    typed: dict[str, Any] = {"stub": stub, "who": who}
    voter_id = as_uuid(voter)
    if voter_id is None and who:
        rows, total = queries.roll_page(poll_id, 12, 0, who)
        voter_id = rows[0].id if total == 1 else None
        typed["rows"], typed["total"] = rows, total
    if not stub or voter_id is None:
        typed["stub_error"] = "" if stub else _("写票条上的号，或者扫码。")
        typed["who_error"] = "" if voter_id else _which(who, typed.get("total", 0))
        return _papers(poll_id, 422, handing=typed)
    return _serve(poll, stub, typed, "handing", voter_id)


def _which(who: str, total: int) -> str:
    if not who:
        return _("写领票的人，姓名或者门牌都行。")
    return _("名册上有 %(n)s 位对得上，选一位。", n=total) if total else _("名册上没有这一位。")


def _serve(poll: Poll, stub: str, typed: dict[str, Any], name: str, voter_id: UUID | None = None) -> Any:
    """Hand out or take back one paper; the reason of a refusal stands at the form."""
    poll_id = poll.id
    try:
        found = _stub(poll, stub)
        if voter_id is not None:
            papers.issue_stub(poll, found.serial, voter_id, by=actor(), now=clock.now())
            said = _("%(n)s 号票发出去了，请在存根上签名。", n=found.serial)
        else:
            papers.return_stub(poll, found.serial, by=actor(), now=clock.now())
            said = _("%(n)s 号票收回了。", n=found.serial)
    except (Refused, Missing) as refused:
        db.session.rollback()
        return _papers(poll_id, 422, **{name: {**typed, "stub_error": say(refused.reason, refused.values)}})
    return back_to(poll_id, said, "community.poll_papers", _anchor=name)


def _stub(poll: Poll, typed: str) -> BallotStub:
    """By the number on the stub, or by the eight letters of the slip."""
    found = papers.find_stub(poll, typed)
    if found is None:
        raise Missing(N_("没有这张票条，号或者码再看一遍。"))
    return found


def taking(poll_id: UUID) -> Any:
    """A paper came back."""
    poll, _matter = found_poll(poll_id)
    stub = tidy(request.form.get("stub"))[:60]
    if not stub:
        return _papers(poll_id, 422, taking={"stub_error": _("写票条上的号，或者扫码。")})
    return _serve(poll, stub, {"stub": stub}, "taking")


def voiding(poll_id: UUID, serial: int) -> Any:
    """Why this paper does not count, and who saw it."""
    return _voiding(poll_id, serial, forms.SecondForm(formdata=None))


def _voiding(poll_id: UUID, serial: int, form: forms.SecondForm, status: int = 200) -> Any:
    poll, matter = found_poll(poll_id)
    return desk(
        "desk/poll_stub_void.html", "votes", poll=poll, matter=matter, stub=_stub(poll, str(serial)),
        form=fill_second(form, seconds()), states=STUB_STATES, **words(poll),
    ), status  # fmt: skip


def stub_void(poll_id: UUID, serial: int) -> Any:
    """Void it by two people."""
    poll, _matter = found_poll(poll_id)
    _stub(poll, str(serial))
    form = forms.SecondForm()

    def act(second: Any) -> None:
        papers.void_stub(poll, serial, form.reason.data or "", second=second, by=actor(), now=clock.now())

    if not with_second(form, act):
        return _voiding(poll_id, serial, form, 422)
    return back_to(poll_id, _("%(n)s 号票作废了，两个人都记下了。", n=serial), "community.poll_papers")


def issue_register(poll_id: UUID) -> str:
    """The register of papers on A4: number, to whom, and room to sign."""
    poll, matter = found_poll(poll_id)
    return page(
        "desk/poll_register.html", poll=poll, matter=matter, stubs=queries.stubs_of(poll_id), states=STUB_STATES,
        progress=queries.progress(poll), **words(poll),
    )  # fmt: skip


W, R = Permission.BALLOT_WRITE, Permission.SITTING_WRITE
PAPERS = "/desk/polls/<uuid:poll_id>/papers"
DOORS: list[Door] = [
    Door("GET", PAPERS, poll_papers, R),
    Door("POST", PAPERS, printing, W, name="poll_print"),
    Door("POST", f"{PAPERS}/issues", handing, R, name="poll_issue"),
    Door("POST", f"{PAPERS}/returns", taking, R, name="poll_return"),
    Door("GET", f"{PAPERS}/<int:serial>/voiding", voiding, W, name="poll_stub_voiding"),
    Door("POST", f"{PAPERS}/<int:serial>/voiding", stub_void, W, name="poll_stub_void", limit="20 per 10 minutes"),
    Door("GET", f"{PAPERS}/register", issue_register, R, name="poll_issue_register"),
]
