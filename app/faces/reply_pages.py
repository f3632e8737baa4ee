"""The pages on which a hall or the street keeps its reply templates; both faces hang the same doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField

from app import clock
from app.errors import Refused
from app.faces.choosing import SelectField
from app.faces.doors import Door
from app.faces.inputs import as_uuid
from app.faces.look import say
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.triage import replies, reply_actions
from app.people.permissions import Permission
from app.people.street_log import log_street
from tenants.database import db, uuid7
from tenants.hosts import site_url


class ReplyForm(FlaskForm):
    """One template."""

    once = HiddenField()
    use = SelectField(_l("用在哪一步"), validate_choice=False)
    title = StringField(_l("起个名"))
    words = TextAreaField(_l("怎么说"))


def reply_doors(face: str, menu: str, permission: Permission, at: str) -> list[Door]:
    """The doors of one face: ``menu`` is the entry they belong to, ``at`` the path under which they stand."""
    here, desk_of = f"{at}/replies", _Replies(face, menu)
    return [
        Door("GET", here, desk_of.listed, permission, name="replies"),
        Door("POST", here, desk_of.add, permission, name="reply_add"),
        Door("GET", f"{here}/<uuid:reply_id>", desk_of.one, permission, name="reply_template"),
        Door("POST", f"{here}/<uuid:reply_id>", desk_of.change, permission, name="reply_change"),
        Door("POST", f"{here}/<uuid:reply_id>/retirement", desk_of.retire, permission, name="reply_retirement"),
        Door("POST", f"{here}/<uuid:reply_id>/restoration", desk_of.restore, permission, name="reply_restoration"),
    ]


@dataclass(frozen=True)
class _Replies:
    face: str
    menu: str

    def listed(self) -> str:
        """All templates, and the form for a new one."""
        return self._page(ReplyForm(formdata=None, once=str(uuid7())))

    def _page(self, form: ReplyForm, reply: Any = None) -> str:
        form.use.choices = [(key, _(label)) for key, label in replies.USES.items()]
        mine = reply_actions.own()
        own_ids = {str(row.id) for row in mine}
        others = [offer for offer in reply_actions.offered() if offer.id not in own_ids]
        return desk(
            f"{'desk' if self.face == 'community' else self.face}/replies.html", self.menu, form=form, reply=reply,
            mine=mine, others=others, uses=replies.USES, places=replies.PLACES, face=self.face,
        )  # fmt: skip

    def one(self, reply_id: UUID) -> str:
        """One template, to be changed."""
        found = reply_actions.find(reply_id)
        return self._page(ReplyForm(formdata=None, use=found.use, title=found.title, words=found.words), found)

    def add(self) -> Any:
        """Write a new one."""
        return self._kept(None)

    def change(self, reply_id: UUID) -> Any:
        """Change one."""
        return self._kept(reply_id)

    def _kept(self, reply_id: UUID | None) -> Any:
        form = ReplyForm()
        form.validate()
        found = reply_actions.find(reply_id) if reply_id else None
        use, title, words = form.use.data or "", form.title.data or "", form.words.data or ""
        try:
            row = reply_actions.keep(reply_id, use, title, words, once=as_uuid(form.once.data))
        except Refused as error:
            db.session.rollback()
            form.form_errors.append(say(error.reason, error.values))
            return self._page(form, reply_actions.find(reply_id) if found is not None and reply_id else None), 422
        self._log("change" if reply_id else "add", row)
        return self._back(_("存好了，回应的时候就能选。"))

    def retire(self, reply_id: UUID) -> Any:
        """Offer it no longer."""
        self._log("retire", reply_actions.retire(reply_id, now=clock.now()))
        return self._back(_("不再用了，想用随时拿回来。"))

    def restore(self, reply_id: UUID) -> Any:
        """Offer it again."""
        self._log("restore", reply_actions.restore(reply_id))
        return self._back(_("又能用了。"))

    def _log(self, what: str, row: Any) -> None:
        # The hall keeps no log of its own templates; what the street offers to all of them stands in the street's.
        if self.face == "street":
            log_street("reply", what, by=actor(), now=clock.now(), after=row.title)

    def _back(self, words: str) -> Any:
        flash(words, "ok")
        return redirect(site_url(f"{self.face}.replies"), 303)
