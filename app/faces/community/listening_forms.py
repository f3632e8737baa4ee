"""The forms of the days of listening."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, NumberRange, Optional

from app import clock
from app.errors import Verdict
from app.faces.choosing import RadioField, SelectField
from app.faces.community.inputs import as_uuid, tell
from app.faces.inputs import CountField, DayField
from app.faces.look import say
from app.flow.collect import hearing
from app.flow.collect.letterbox import openers
from app.flow.collect.queries import buildings, venues
from app.matter.rhythm import WEEKDAYS, monthly, weekly
from app.people.models import Account

NEEDED = InputRequired(_l("这一格要填。"))


class SeriesForm(FlaskForm):
    """A rhythm: every Tuesday, every 5th."""

    once = HiddenField()
    name = StringField(_l("叫什么"))
    kind = RadioField(_l("哪一种"), validate_choice=False)
    rhythm = SelectField(_l("隔多久"), choices=[("weekly", _l("每周")), ("monthly", _l("每月"))], validate_choice=False)
    weekday = SelectField(_l("周几"), choices=[(k, _l(v)) for k, v in WEEKDAYS.items()], validate_choice=False)
    month_day = CountField(_l("几号"), [Optional(), NumberRange(1, 28, _l("写 1 到 28，每个月都有的日子。"))])
    starts = TimeField(_l("几点开始"), [NEEDED])
    ends = TimeField(_l("几点散"), [NEEDED])
    venue = SelectField(_l("在哪儿"), validate_choice=False)
    place = StringField(_l("别的地方"))
    host = StringField(_l("谁来听"))

    def fill(self) -> SeriesForm:
        """Give the choices; needed before validating."""
        self.kind.choices = [(key, say(hearing.KIND_LABELS[key])) for key in hearing.REPEATED]
        self.places = {str(venue.id): venue for venue in venues() if venue.kind != "letterbox"}
        self.venue.choices = [("", _l("别的地方，写在旁边")), *((key, one.name) for key, one in self.places.items())]
        return self

    def values(self) -> dict[str, Any]:
        """As the action wants them."""
        venue = self.places.get(self.venue.data or "")
        return {
            "name": self.name.data or "", "kind": self.kind.data or "", "rrule": self.rule(),
            "starts": _clock(self.starts.data), "ends": _clock(self.ends.data), "venue_id": venue.id if venue else None,
            "place": (self.place.data or "").strip() or (venue.name if venue else ""), "host": self.host.data or "",
        }  # fmt: skip

    def rule(self) -> str:
        """The rhythm as an RFC 5545 rule; an empty one where nothing fits, which the action refuses."""
        try:
            by_week = self.rhythm.data == "weekly"
            return weekly(self.weekday.data or "") if by_week else monthly(self.month_day.data or 0)
        except ValueError:
            return ""

    def tell(self, found: dict[str, Verdict]) -> bool:
        """Put each problem to its field; returns whether there was none."""
        for name, verdict in found.items():
            tell(self, "month_day" if name == "rhythm" and self.rhythm.data == "monthly" else name, verdict)
        return not any(field.errors for field in self)


class DayForm(FlaskForm):
    """The log of one day. ``series`` and ``at`` name the day of a rhythm; without them it is a visit or an event."""

    once = HiddenField()
    series = HiddenField()
    kind = RadioField(_l("哪一种"), validate_choice=False)
    day = DayField(_l("哪天"), [InputRequired(_l("选一个日子。"))])
    time = TimeField(_l("几点"), [InputRequired(_l("写上几点，比如 9:00。"))])
    place = StringField(_l("在哪儿"))
    building = SelectField(_l("哪栋楼"), validate_choice=False)
    host = StringField(_l("谁在那儿听的"))
    visitors = CountField(_l("来了几位，或者敲开几户"), [Optional()], default=0)
    words = TextAreaField(_l("这次听到些什么"))

    def fill(self) -> DayForm:
        """Give the choices; needed before validating."""
        self.kind.choices = [(key, say(hearing.KIND_LABELS[key])) for key in hearing.SINGLE]
        places = [(str(b.id), f"{b.estate.name} {b.name}") for b in buildings()]
        self.building.choices = [("", _l("不在哪栋楼里")), *places]
        self.people: list[Account] = openers(clock.today())
        return self

    @property
    def held_at(self) -> datetime:
        """When it was."""
        return clock.at(self.day.data, self.time.data.hour, self.time.data.minute)

    def values(self) -> dict[str, Any]:
        """As the action wants them."""
        host = (self.host.data or "").strip()
        of_the_hall = {account.display_name: account.id for account in self.people}
        host_id: UUID | None = of_the_hall.get(host)
        building = as_uuid(self.building.data) if self.building.offers(self.building.data) else None
        return {
            "kind": self.kind.data or "", "place": self.place.data or "", "host": host, "host_id": host_id,
            "building_id": building, "visitors": self.visitors.data, "words": self.words.data or "",
        }  # fmt: skip


def _clock(at: Any) -> str:
    return f"{at:%H:%M}" if at else ""
