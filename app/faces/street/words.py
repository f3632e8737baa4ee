"""Doors of the street: the list of words that hold a comment back for a second look, in versions."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from app import clock
from app.errors import Refused
from app.faces.doors import Door
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect import voices_rules as rules
from app.flow.collect import word_list
from app.people.permissions import Permission
from tenants.database import db
from tenants.hosts import site_url

LONGEST = rules.LIST_WORDS * (rules.LIST_WORD + 2)


class WordsForm(FlaskForm):
    """The whole list, one word a line, and what changed."""

    words = TextAreaField(_l("词表"))
    note = StringField(_l("这次改了什么"))


def words() -> str:
    """The list as it stands and its earlier versions."""
    return _page(WordsForm(formdata=None, words="\n".join(word_list.words_now())))


def words_publish() -> Any:
    """A new version."""
    form = WordsForm()
    form.validate()
    text, seen = (form.words.data or "")[:LONGEST], request.form.get("seen", "")
    try:
        listed = word_list.publish(
            text.splitlines(), form.note.data or "", seen=int(seen) if seen.isascii() and seen.isdigit() else -1,
            by=actor(), now=clock.now(),
        )  # fmt: skip
    except Refused as error:
        db.session.rollback()
        field = form.note if not rules.fits(form.note.data or "", rules.NOTE) else form.words
        field.errors = [say(error.reason, error.values)]
        return _page(form), 422
    flash(_("第 %(n)s 版词表用上了，一共 %(words)s 个词。", n=listed.version, words=len(listed.words)), "ok")
    return redirect(site_url("street.words"), 303)


def _page(form: WordsForm) -> str:
    versions = word_list.versions()
    return desk(
        "street/words.html", "words", form=form, versions=versions, seen=versions[0].version if versions else 0,
        most=rules.LIST_WORDS,
    )  # fmt: skip


P = Permission
DOORS: list[Door] = [
    Door("GET", "/words", words, P.STREET_LIST_WRITE),
    Door("POST", "/words", words_publish, P.STREET_LIST_WRITE),
]
