"""Doors of the street: letters of request to outside units and tasks for departments, and what came of them.

The street writes rows of its own; the hall's worker takes them up into the matter's timeline and its level.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing, Refused
from app.faces.doors import Door
from app.faces.figures import day
from app.faces.inputs import already, as_uuid
from app.faces.look import say
from app.faces.pages import desk
from app.faces.phrasing import aside
from app.faces.street.letter_forms import NOTES, LetterForm, NoteForm, notes_of
from app.faces.street.letter_sheets import docx_of
from app.faces.visitor import actor
from app.matter import outside
from app.matter import outside_queries as queries
from app.matter import outside_rules as rules
from app.matter.house import house
from app.matter.models import Matter
from app.matter.outside_models import LetterEvent, OutsideUnit, RequestLetter
from app.matter.outside_units import find_unit, units
from app.matter.situation import Level, Stage
from app.notices.bell import errand
from app.people.permissions import Permission
from app.records import street
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.registry import Community
from tenants.scope import Scope

TAKE_UP = "app.faces.jobs.work:take_up"
GONE = N_("没有这张函。")


def letter_new(community_slug: str, matter_id: UUID) -> Any:
    """The form; ``?kind=task`` hands a task to a department, ``?second_of=`` repeats a letter nobody answered."""
    here, matter, first = *_matter(community_slug, matter_id), _first(matter_id)
    kind = first.kind if first else _kind()
    today = clock.today()
    due = house().calendar.add_working_days(today, rules.REPLY_IN[kind])
    form = LetterForm(
        formdata=None, once=str(uuid7()), sent_on=today.isoformat(), reply_due=due.isoformat(),
        unit=str(first.unit_id) if first else request.args.get("unit", ""),
        subject=first.subject if first else (matter.title if _is_open(matter) else "")[: rules.SUBJECT_MOST],
        words=first.words if first else _draft(here, matter),
    )  # fmt: skip
    return _new_page(here, matter, form, kind, first)


def letter_add(community_slug: str, matter_id: UUID) -> Any:
    """Send it; the hall reads it at once and the matter's page says so."""
    _here, matter, first = *_matter(community_slug, matter_id), _first(matter_id)
    kind, form = first.kind if first else _kind(), LetterForm()
    form.validate()
    row_id = as_uuid(form.once.data) or uuid7()
    if not already(RequestLetter, row_id):
        try:
            with db.session.begin_nested():
                made = _send(matter, kind, form, first, row_id)
        except Refused as error:
            form.form_errors = [*form.form_errors, say(error.reason, error.values)]
            return _new_page(*_matter(community_slug, matter_id), form, kind, first), 422
        _knock(made)
        flash(_("%(number)s 记下了，社区那边看得到。", number=made.number), "ok")
    return redirect(site_url("street.letter", letter_id=row_id), 303)


def letter(letter_id: UUID) -> str:
    """One letter with its whole life and what may be noted next."""
    return _page(_found(letter_id))


def letter_docx(letter_id: UUID) -> Any:
    """The letter as a Word file in the letter format."""
    row = _found(letter_id)
    first, _second = queries.relatives_of(row.standing.letter)
    return docx_of(row, find_unit(row.standing.letter.unit_id), first)


def letter_note(letter_id: UUID, note_key: str) -> Any:
    """Write one line: receipt, reminder, visit, reply, closing, voiding."""
    row, chosen = _found(letter_id), NOTES.get(note_key)
    if chosen is None:
        raise Missing(GONE)
    form = NoteForm(prefix=note_key)
    form.validate()
    row_id = as_uuid(form.once.data) or uuid7()
    if not already(LetterEvent, row_id):
        try:
            with db.session.begin_nested():
                outside.note(
                    row.standing.letter, chosen.kind, words=form.words.data or "", day=day(form.day.data), by=actor(),
                    now=clock.now(), reply_no=form.reply_no.data or "", id=row_id,
                )  # fmt: skip
        except Refused as error:
            form.form_errors = [*form.form_errors, say(error.reason, error.values)]
            return _page(_found(letter_id), {note_key: form}), 422
        _knock(row.standing.letter)
        flash(_("记下了。"), "ok")
    return redirect(site_url("street.letter", letter_id=letter_id), 303)


def _send(matter: Matter, kind: str, form: LetterForm, first: RequestLetter | None, row_id: UUID) -> RequestLetter:
    unit = find_unit(as_uuid(form.unit.data) or row_id)
    if unit is None:
        raise Refused(N_("选一个单位。"))
    return outside.send(
        matter, unit, kind=kind, subject=form.subject.data or "", words=form.words.data or "",
        sent_on=day(form.sent_on.data), reply_due=day(form.reply_due.data), by=actor(), now=clock.now(),
        second_of=first, id=row_id,
    )  # fmt: skip


def _draft(here: Community, matter: Matter) -> str:
    """What the hall has put on record, as the first words of the letter; a closed matter's stay with the hall."""
    if not _is_open(matter):
        return ""
    asked = queries.open_request(matter)
    lines = [_("%(name)s居民反映：%(title)s。", name=here.name, title=matter.title.rstrip("。"))]
    if asked is not None:
        tried = [
            said.format(words.rstrip("。"))
            for said, words in (
                (_("网格办过：{}。"), asked.grid_attempt),
                (_("社区商量过：{}。"), asked.community_attempt),
            )
            if words
        ]
        lines += ["".join(tried), asked.reason]
    return "\n".join(line for line in lines if line)


def _new_page(here: Community, matter: Matter, form: LetterForm, kind: str, first: RequestLetter | None) -> Any:
    offered = units(kind=rules.GOES_TO[kind])
    form.unit.choices = [("", _("请选")), *((str(unit.id), _unit_line(unit)) for unit in offered)]
    may = rules.may_send(
        kind, rules.GOES_TO[kind], stage=Stage(matter.stage), level=Level(matter.level),
        request=outside.request_stands(matter), retired=False, roles=actor().roles,
    )  # fmt: skip
    return desk(
        "street/letter_new.html", "letters", community=here, card=street.card_of(matter, clock.now()), form=form,
        kind=kind, first=first, units=offered, problem="" if may else say(may.reason, may.values),
    )  # fmt: skip


def _page(row: queries.Row, tried: dict[str, NoteForm] | None = None) -> str:
    found, facts = row.standing.letter, row.standing.facts
    first, second = queries.relatives_of(found)
    where = {"community_slug": row.community.slug, "matter_id": found.matter_id}
    again = rules.may_follow(facts, clock.today(), same_unit=True)
    return desk(
        "street/letter.html", "letters", row=row, letter=found, facts=facts, first=first, second=second, labels=rules,
        title=row.matter.title if _is_open(row.matter) else "", notes=notes_of(facts, tried),
        unit=find_unit(found.unit_id), matter_url=site_url("street.matter", **where),
        second_url=site_url("street.letter_new", **where, second_of=found.id) if again else "",
        life=[{"at": event.day, "kind": event.kind, "label": rules.EVENT_LABELS[event.kind], "words": event.words,
               "reply_no": event.reply_no, "who": event.by_label} for event in reversed(row.standing.events)],
    )  # fmt: skip


def _is_open(matter: Matter) -> bool:
    return bool(matter.visibility == "public")


def _unit_line(unit: OutsideUnit) -> str:
    return aside(unit.name, unit.duty)


def _kind() -> str:
    return rules.TASK if request.values.get("kind") == rules.TASK else rules.LETTER


def _found(letter_id: UUID) -> queries.Row:
    row = queries.find_row(letter_id, clock.today())
    if row is None:
        raise Missing(GONE)
    return row


def _matter(community_slug: str, matter_id: UUID) -> tuple[Community, Matter]:
    found = street.matter_of(community_slug, matter_id)
    if found is None:
        raise Missing(N_("没有这件事。"))
    return found


def _first(matter_id: UUID) -> RequestLetter | None:
    wanted = as_uuid(request.values.get("second_of"))
    if wanted is None:
        return None
    found = queries.find_row(wanted, clock.today())
    if found is None or found.matter.id != matter_id:
        raise Missing(GONE)
    return found.standing.letter


def _knock(found: RequestLetter) -> None:
    """Ask the hall's worker to take this up after the commit; the sweeper finds it otherwise."""
    errand(Scope("community", street=found.street_id, community=found.community_id), TAKE_UP)


P = Permission
_MATTER = "/communities/<string:community_slug>/matters/<uuid:matter_id>"
_LETTER = "/letters/<uuid:letter_id>"
DOORS: list[Door] = [
    Door("GET", f"{_MATTER}/letters/new", letter_new, P.STREET_LETTER_WRITE),
    Door("POST", f"{_MATTER}/letters", letter_add, P.STREET_LETTER_WRITE),
    Door("GET", _LETTER, letter, P.STREET_LETTER_WRITE),
    Door("GET", f"{_LETTER}/paper.docx", letter_docx, P.STREET_LETTER_WRITE),
    Door("POST", f"{_LETTER}/<string:note_key>", letter_note, P.STREET_LETTER_WRITE),
]
