"""Doors of the desk: the roll of a poll. Who may vote and by what right, how a ballot came, never what was chosen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.community import poll_forms as forms
from app.faces.community.inputs import last_page, page_number, tidy
from app.faces.community.poll_page import attempt, back_to, fill_second, found_poll, seconds, with_second, words
from app.faces.community.poll_words import unit_of
from app.faces.doors import Door
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.decide import papers, polls
from app.flow.decide import poll_queries as queries
from app.flow.decide.models import Poll, RollEntry
from app.flow.decide.polls import Line
from app.flow.decide.rolls import buildings_asked, may_be_narrowed, take_off
from app.flow.decide.rules import square_metres
from app.people.households import buildings
from app.people.permissions import Permission
from app.words import N_
from tenants.hosts import site_url

PAGE = 50
#: By what right somebody stands on the roll.
RIGHTS = {
    "council": N_("到会的议事员"), "residents": N_("满 18 周岁的居民"), "reps": N_("居委会成员"),
    "owners": N_("名册上的业主"), "households": N_("登记在册的一户"), "invited": N_("请到的"),
}  # fmt: skip
REP = N_("居民代表")


def roll(poll_id: UUID) -> Any:
    """The roll, page by page."""
    return _roll(poll_id, None)


def _roll(poll_id: UUID, form: Any, status: int = 200) -> Any:
    poll, matter = found_poll(poll_id)
    number, q = page_number(), tidy(request.args.get("q"))[:40]
    rows, total = queries.roll_page(poll_id, PAGE, (number - 1) * PAGE, q)
    return desk(
        "desk/poll_roll.html", "votes", poll=poll, matter=matter, rows=rows, total=total, q=q, number=number,
        last=last_page(total, PAGE), form=form or _fresh(poll), area=square_metres, rep=_(REP),
        right=_(RIGHTS[poll.body]),
        url_of=lambda n: site_url("community.poll_roll", poll_id=poll_id, page=n, q=q or None), **words(poll),
    ), status  # fmt: skip


def roll_make(poll_id: UUID) -> Any:
    """Draw the roll up from the body's register, or from the names typed."""
    poll, _matter = found_poll(poll_id)
    unit = unit_of(poll)
    if poll.body == "invited":
        form, made = forms.NamesForm(), None
        made = attempt(form, lambda: _invite(poll, form))
    else:
        form = _with_buildings(poll, forms.BuildingsForm())
        made = attempt(form, lambda: _from_register(poll, form))
    if made is None:
        return _roll(poll_id, form, 422)
    if not made and poll.body not in ("invited", "council"):
        flash(_("册子上还没有人，名册列不出来。先把册子补齐，再列一次。"), "soon")
        return back_to(poll_id, "", "community.poll_roll")
    return back_to(poll_id, _("名册列好了，%(n)s %(unit)s。", n=made, unit=unit), "community.poll_roll")


def _fresh(poll: Poll) -> Any:
    if poll.body == "invited":
        return forms.NamesForm(formdata=None)
    form = _with_buildings(poll, forms.BuildingsForm(formdata=None))
    if form.buildings.choices:
        # Drawn up once more, the roll stays with the buildings it was drawn up for.
        form.buildings.data = [str(one) for one in buildings_asked(poll)]
    return form


def _with_buildings(poll: Poll, form: Any) -> Any:
    """The buildings to choose from, where only some may be asked; none otherwise."""
    if poll.state == "draft" and may_be_narrowed(poll):
        standing = [one for one in buildings() if one.closed_at is None]
        form.buildings.choices = [(str(one.id), f"{one.estate.name} {one.name}") for one in standing]
    return form


def _from_register(poll: Poll, form: Any) -> int:
    asked = [UUID(one) for one in form.buildings.data or ()]
    return polls.make_roll(poll, by=actor(), now=clock.now(), buildings=asked)


def _invite(poll: Poll, form: Any) -> int:
    lines = [Line(name, place) for name, place in forms.names_typed(form.names.data or "")]
    return polls.make_roll(poll, lines, by=actor(), now=clock.now())


def removal(poll_id: UUID, voter_id: UUID) -> Any:
    """Take one line off before the voting begins; drawing the roll up again brings it back."""
    poll, _matter = found_poll(poll_id)
    name = _found(poll_id, voter_id).name
    take_off(poll, voter_id, by=actor(), now=clock.now())
    return back_to(poll_id, _("%(name)s 从名册上去掉了。再列一遍名册，就回来了。", name=name), "community.poll_roll")


def line(poll_id: UUID, voter_id: UUID) -> Any:
    """One line: proxy, and how a ballot is voided so that another may take its place."""
    return _line(poll_id, voter_id)


def _found(poll_id: UUID, voter_id: UUID) -> RollEntry:
    entry = queries.find_line(poll_id, voter_id)
    if entry is None:
        raise Missing(N_("名册上没有这一位。"))
    return entry


def _line(poll_id: UUID, voter_id: UUID, status: int = 200, **refused: Any) -> Any:
    poll, matter = found_poll(poll_id)
    entry = _found(poll_id, voter_id)
    second = fill_second(refused.get("replace") or forms.SecondForm(formdata=None), seconds())
    return desk(
        "desk/poll_line.html", "votes", poll=poll, matter=matter, entry=entry, area=square_metres, replace=second,
        proxy=refused.get("proxy") or forms.ProxyForm(formdata=None, scope=poll.title), rep=_(REP),
        right=_(RIGHTS[poll.body]), replaced=queries.replacements_of(poll_id, voter_id), **words(poll),
    ), status  # fmt: skip


def proxy(poll_id: UUID, voter_id: UUID) -> Any:
    """Keep a written proxy."""
    poll, _matter = found_poll(poll_id)
    _found(poll_id, voter_id)
    form = forms.ProxyForm()

    def act() -> bool:
        until = forms.closing_moment(form.until.data, None)
        papers.give_proxy(
            poll, voter_id, name=form.name.data, scope=form.scope.data, until=until, seen_by=form.seen_by.data,
            by=actor(), now=clock.now(),
        )  # fmt: skip
        return True

    if not attempt(form, act):
        return _line(poll_id, voter_id, 422, proxy=form)
    return back_to(poll_id, _("委托记下了。"), "community.poll_line", voter_id=voter_id)


def replacement(poll_id: UUID, voter_id: UUID) -> Any:
    """Void a ballot that is in, by two people, so that another may take its place."""
    poll, _matter = found_poll(poll_id)
    _found(poll_id, voter_id)
    form, reason = forms.SecondForm(), forms.SecondForm().reason.data or ""

    def act(second: Any) -> None:
        papers.replace_vote(poll, voter_id, reason, second=second, by=actor(), now=clock.now())

    if not with_second(form, act):
        return _line(poll_id, voter_id, 422, replace=form)
    return back_to(poll_id, _("原来那一票作废了，可以另投一次。"), "community.poll_line", voter_id=voter_id)


W, R = Permission.BALLOT_WRITE, Permission.SITTING_WRITE
ROLL = "/desk/polls/<uuid:poll_id>/roll"
LINE = f"{ROLL}/<uuid:voter_id>"
DOORS: list[Door] = [
    Door("GET", ROLL, roll, R, name="poll_roll"),
    Door("POST", ROLL, roll_make, W, name="poll_roll_make"),
    Door("GET", LINE, line, W, name="poll_line"),
    Door("POST", f"{LINE}/removal", removal, W, name="poll_removal"),
    Door("POST", f"{LINE}/proxy", proxy, W, name="poll_proxy"),
    Door("POST", f"{LINE}/replacements", replacement, W, name="poll_replacement", limit="20 per 10 minutes"),
]
