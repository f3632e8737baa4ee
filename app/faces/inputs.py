"""What the forms of all faces share: tidy text, bounded fields, a rule's answer put to its field, double clicks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from flask import after_this_request, current_app, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, Field, IntegerField, ValidationError

from app.errors import DomainError, Refused, Verdict
from app.faces.figures import YEARS
from app.faces.look import say
from app.matter.house import forget_houses
from tenants.database import db, uuid7
from tenants.hosts import forget_sites
from tenants.scope import current, current_community, current_street

T = TypeVar("T")


def tidy(text: str | None) -> str:
    """One line without blanks at the ends and without letters that have no shape (a NUL would break the database)."""
    plain = unicodedata.normalize("NFC", text or "")
    return "".join(letter for letter in plain if unicodedata.category(letter) not in ("Cc", "Cf", "Cs")).strip()


def file_words(text: str) -> str:
    """A title as part of a file's name: without the letters that some system's names may not hold."""
    return " ".join(re.sub(r'[\\/:*?"<>|]+', " ", tidy(text)).split()).strip(" .") or "-"


def as_uuid(text: str | None) -> UUID | None:
    """The id in a field or a query, or None for anything else."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def filled(form: FlaskForm, field: Field) -> None:
    """The field may not be empty."""
    if not field.data:
        raise ValidationError(_("这一格要填。"))


def at_most(limit: int) -> Callable[[FlaskForm, Field], None]:
    """The field holds at most ``limit`` characters."""

    def check(form: FlaskForm, field: Field) -> None:
        if len(field.data or "") > limit:
            raise ValidationError(_("最多写 %(limit)s 个字，请写短一点。", limit=limit))

    return check


def one_of_choices(form: FlaskForm, field: Field) -> None:
    """The field names one of its choices; said in our words."""
    if not field.offers(field.data):
        raise ValidationError(_("请选一样。"))


def whole_number(text: str | None) -> int | None:
    """A small number as people type it (also full-width), or None."""
    plain = unicodedata.normalize("NFKC", text or "").strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 4 else None


def tell(form: FlaskForm, field: str, verdict: Verdict) -> bool:
    """Put a rule's reason to a field; returns whether it was fine."""
    if not verdict:
        target = form[field]
        target.errors = [*target.errors, say(verdict.reason, verdict.values)]
    return verdict.ok


def take_back(form: FlaskForm, field: str, error: DomainError) -> None:
    """The action said no: nothing of it stays, the reason stands at the field, the typed text is kept."""
    db.session.rollback()
    tell(form, field, Verdict(False, error.reason, error.values))


def attempt(form: FlaskForm, act: Callable[[], T]) -> T | None:
    """Run an action of a form; a refusal becomes a line of the form's error summary and leaves nothing written."""
    if not form.validate():
        return None
    try:
        with db.session.begin_nested():
            return act()
    except Refused as refused:
        form.form_errors = [*form.form_errors, say(refused.reason, refused.values)]
        return None


def already(model: Any, row_id: UUID) -> bool:
    """Whether an earlier click has made this row, in the bound hall or, for the street, in any of its halls."""
    if current().community is None:
        mine = model.street_id == current_street()
    else:
        mine = model.community_id == current_community()
    return db.session.scalar(select(model.id).where(mine, model.id == row_id)) is not None


def page_number() -> int:
    """``?page=`` from 1; nonsense is the first page."""
    return max(1, min(whole_number(request.args.get("page")) or 1, 5000))


class DayField(DateField):
    """A date as people type it; one that nobody can mean is no date, because the next sum would leave the calendar."""

    def process_formdata(self, valuelist: Any) -> None:
        """Raises ``ValueError`` as the plain field does."""
        super().process_formdata(valuelist)
        if self.data is not None and self.data.year not in YEARS:
            self.data = None
            raise ValueError(self.gettext("Not a valid date value."))


class CountField(IntegerField):
    """A whole number as people type it; one of more than nine digits counts nothing and fits into no column."""

    def process_formdata(self, valuelist: Any) -> None:
        """Raises ``ValueError`` as the plain field does."""
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) >= 10**9:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))


def last_page(total: int, size: int) -> int:
    """The number of the last page, at least 1."""
    return max(1, -(-total // size))


def once_id() -> UUID:
    """The id that the form carried for what it makes; a form without one makes something new."""
    try:
        return UUID(request.form.get("once", ""))
    except ValueError:
        return uuid7()


def forget_after() -> None:
    """After the door's commit this process reads the hall anew; other processes do within the cache's seconds."""

    @after_this_request
    def drop(response: Any) -> Any:
        forget_sites(current_app)
        forget_houses()
        return response
