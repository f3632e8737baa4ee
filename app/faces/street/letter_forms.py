"""The forms of letters and tasks to units outside the hall, and what may be noted on one next.

A page shows exactly the lines that the rules let an officer write; the POST asks the same rule again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from app import clock
from app.faces.choosing import RadioField, SelectField
from app.matter import outside_rules as rules
from app.words import N_
from tenants.database import uuid7


class UnitForm(FlaskForm):
    """One department or outside unit."""

    once = HiddenField()
    kind = RadioField(
        _l("哪一种"), choices=[(kind, label) for kind, label in rules.UNIT_LABELS.items()], validate_choice=False
    )
    name = StringField(_l("单位名称"))
    duty = StringField(_l("管什么"))
    contact = StringField(_l("联系人"))
    phone = StringField(_l("电话"))
    address = StringField(_l("地址"))


class LetterForm(FlaskForm):
    """One letter of request, or one task."""

    once = HiddenField()
    unit = SelectField(_l("发给谁"), choices=[], validate_choice=False)
    subject = StringField(_l("事由"))
    words = TextAreaField(_l("正文"))
    sent_on = StringField(_l("哪天发"))
    reply_due = StringField(_l("请哪天前回话"))


class NoteForm(FlaskForm):
    """One line of a letter's life."""

    once = HiddenField()
    day = StringField(_l("哪天的事"))
    reply_no = StringField(_l("复函编号"))
    words = TextAreaField(_l("写几句"))


@dataclass(frozen=True)
class Note:
    """One thing that can be noted: ``key`` names its address, ``kind`` its line; ``first`` stands open on the page."""

    key: str
    kind: str
    title: str
    label: str
    button: str
    icon: str
    hint: str = ""
    first: bool = False
    optional: bool = False
    ends: bool = False


NOTES: Mapping[str, Note] = {
    note.key: note
    for note in (
        Note("receipts", "received", N_("对方签收了"), N_("谁签收的"), N_("记下签收"), "pencil-square", first=True,
             optional=True, hint=N_("写单位的人，不写居民。")),
        Note("answers", "replied", N_("对方回话了"), N_("回话说了什么"), N_("记下回话"), "reply", first=True,
             hint=N_("居民在事情的页面上看得到，用平常话写清楚：同意什么、哪天来办。")),
        Note("closures", "closed", N_("办结"), N_("办成什么样了"), N_("办结"), "check2-circle", first=True,
             hint=N_("居民看得到。办结以后不能再记。")),
        Note("reminders", "reminded", N_("催一次"), N_("怎么催的"), N_("记下催办"), "telephone", optional=True),
        Note("visits", "visited", N_("对方到现场踏勘了"), N_("看了什么，说了什么"), N_("记下踏勘"), "geo-alt",
             hint=N_("居民看得到。")),
        Note("voidings", "void", N_("发错了，作废"), N_("作废的原因"), N_("作废"), "slash-circle", ends=True,
             hint=N_("编号不再用，原因留着。")),
    )
}  # fmt: skip


def notes_of(facts: rules.Facts, tried: Mapping[str, NoteForm] | None = None) -> list[dict[str, Any]]:
    """What may be noted now, each with its form; ``tried`` are forms that were sent and refused."""
    shown = []
    may = rules.allowed(facts)
    for key, note in NOTES.items():
        form = (tried or {}).get(key)
        if form is None and note.kind not in may:
            continue
        # Nothing settles a letter so well as its reply: before that, closing is there for whoever looks for it.
        first = note.first and (note.kind != "closed" or facts.state is rules.State.REPLIED)
        blank = NoteForm(formdata=None, prefix=key, once=str(uuid7()), day=clock.today().isoformat())
        shown.append({"note": note, "form": form or blank, "is_open": first or form is not None})
    return shown
