"""Doors of the hall's desk: calls for ideas (宣传发动), from the first word to the answer for those who spoke."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.widgets import DateInput

from app import clock
from app.errors import Refused, Verdict
from app.faces.community import campaign_sheet, poster_sheets
from app.faces.community.calls import shown
from app.faces.community.inputs import last_page, once_id, page_number, take_back, tell, tidy
from app.faces.doors import Door
from app.faces.figures import day_or_none
from app.faces.pages import desk
from app.faces.visitor import actor
from app.flow.collect import campaign_rules as rules
from app.flow.collect import campaigns as actions
from app.flow.collect import ideas
from app.flow.collect.campaign_rules import Call, Phase
from app.flow.collect.campaigns import campaign_by_id, phase_of
from app.flow.collect.channels import Campaign
from app.flow.collect.rules import CATEGORIES, CHANNELS, tidy_words
from app.people import venues
from app.people.permissions import Permission
from app.records.posters import Poster
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url
from tenants.scope import current_community

LONGEST = 60
BAD_DAY = N_("日子写成 2026-07-06 这样。")


class CampaignForm(FlaskForm):
    """A call for ideas."""

    title = StringField(_l("叫什么"), filters=[tidy])
    theme = StringField(_l("想听大家说什么"), filters=[tidy])
    words = TextAreaField(_l("再多说几句"))
    starts = StringField(_l("从哪天开始"), widget=DateInput(), filters=[tidy])
    ends = StringField(_l("到哪天为止"), widget=DateInput(), filters=[tidy])


class ClosingForm(FlaskForm):
    """The hall's answer to those who spoke."""

    result = TextAreaField(_l("结束语"))


def campaigns() -> str:
    """Every call, and the way to a new one."""
    number = page_number()
    rows, total = ideas.campaigns_page(number, clock.today())
    return desk(
        "desk/campaigns.html", "campaigns", calls=[shown(row.campaign, row.n) for row in rows], total=total,
        page=number, last=last_page(total, ideas.PAGE), url_of=lambda n: site_url("community.campaigns", page=n),
    )  # fmt: skip


def campaign_new() -> str:
    """The form of a new call."""
    return _new_page(CampaignForm(formdata=None, starts=clock.today().isoformat()), uuid7())


def campaign_start() -> Any:
    """Announce a call."""
    form, once = CampaignForm(), once_id()
    if db.session.get(Campaign, (current_community(), once)):
        return redirect(site_url("community.campaign", campaign_id=once), 303)
    said = _said(form)
    if said is None:
        return _new_page(form, once), 422
    try:
        made = actions.start_campaign(said, id=once, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "ends", error)
        return _new_page(form, uuid7()), 422
    flash(_("征集发出去了，首页上已经能看到。海报可以印了。"), "ok")
    return redirect(site_url("community.campaign", campaign_id=made.id), 303)


def campaign(campaign_id: UUID) -> str:
    """One call with its ideas: filtered, page by page."""
    found, number = campaign_by_id(campaign_id), page_number()
    state, words = _asked()
    rows, total = ideas.ideas_page(found, state=state, words=words, page=number)
    counts = ideas.state_counts(found)
    return desk(
        "desk/campaign.html", "campaigns", call=shown(found, counts[""]), rows=rows, total=total, state=state,
        words=words, counts=counts, states=ideas.STATES, categories=CATEGORIES, channels=CHANNELS, page=number,
        last=last_page(total, ideas.PAGE), url_of=lambda n: _url(campaign_id, state, words, page=n),
        tab_url=lambda key: _url(campaign_id, key, words), address=_address(found),
        xlsx_url=_url(campaign_id, state, words, "community.campaign_xlsx"),
    )  # fmt: skip


def campaign_edit(campaign_id: UUID) -> str:
    """The form of a call that is not over."""
    found = _not_over(campaign_id)
    data = {"title": found.title, "theme": found.theme, "words": found.words}
    form = CampaignForm(formdata=None, starts=found.starts.isoformat(), ends=found.ends.isoformat(), **data)
    return _edit_page(form, found)


def campaign_change(campaign_id: UUID) -> Any:
    """Change what is said of a call."""
    found, form = _not_over(campaign_id), CampaignForm()
    said = _said(form)
    if said is None:
        return _edit_page(form, found), 422
    try:
        actions.change_campaign(found, said, by=actor(), now=clock.now())
    except Refused as error:
        take_back(form, "ends", error)
        return _edit_page(form, campaign_by_id(campaign_id)), 422
    flash(_("改好了。印出去的海报上的字，要另印才会变。"), "ok")
    return redirect(site_url("community.campaign", campaign_id=campaign_id), 303)


def campaign_closing(campaign_id: UUID) -> str:
    """Ask for the closing words; typing them is the confirmation."""
    found = campaign_by_id(campaign_id)
    return _closing_page(ClosingForm(formdata=None, result=found.result), found)


def campaign_close(campaign_id: UUID) -> Any:
    """End a call, early or after its last day; or say more about one that was ended."""
    found, form = campaign_by_id(campaign_id), ClosingForm()
    result = tidy_words(form.result.data or "")
    wrong = rules.closing_problem(result)
    if not form.validate() or wrong is not None:
        tell(form, "result", wrong or Verdict(True))
        return _closing_page(form, found), 422
    if found.ended_at is None:
        actions.end_campaign(found, result, by=actor(), now=clock.now())
        flash(_("征集结束了。结束语已经贴在征集页上，之后收到的按平常的事办。"), "ok")
    else:
        actions.reword_result(found, result, by=actor(), now=clock.now())
        flash(_("结束语改好了。"), "ok")
    return redirect(site_url("community.campaign", campaign_id=campaign_id), 303)


def campaign_xlsx(campaign_id: UUID) -> Response:
    """The ideas that the page shows, as a spreadsheet; nobody's name or phone is in it."""
    found = campaign_by_id(campaign_id)
    state, words = _asked()
    return campaign_sheet.answer(found, ideas.every_idea(found, state=state, words=words), clock.today())


def campaign_poster(campaign_id: UUID) -> str:
    """The poster of a call."""
    found = campaign_by_id(campaign_id)
    one = {"campaign_id": campaign_id}
    urls = {
        "a4": site_url("community.campaign_poster", **one),
        "a3": site_url("community.campaign_poster", size="a3", **one),
        "svg": site_url("community.campaign_poster_svg", size=poster_sheets.asked_size(), **one),
        "code": site_url("community.campaign_code_svg", **one),
    }
    return poster_sheets.print_page(
        [_poster(found)], name=found.title, urls=urls, back=site_url("community.campaign", **one), missing=0, give="",
        is_closed=False,
    )  # fmt: skip


def campaign_poster_svg(campaign_id: UUID) -> Response:
    """The whole poster of a call as a file."""
    return poster_sheets.poster_file(_poster(campaign_by_id(campaign_id)))


def campaign_code_svg(campaign_id: UUID) -> Response:
    """The code of a call as a file."""
    return poster_sheets.code_file(_poster(campaign_by_id(campaign_id)))


def _poster(found: Campaign) -> Poster:
    return poster_sheets.of_call(found, [venue for venue in venues.venues() if venue.closed_at is None])


def _address(found: Campaign) -> str:
    return site_url("community.call", code=found.code, external=True)


def _not_over(campaign_id: UUID) -> Campaign:
    found = campaign_by_id(campaign_id)
    if phase_of(found, clock.today()) is Phase.ENDED:
        raise Refused(actions.ENDED)
    return found


def _said(form: CampaignForm) -> Call | None:
    """What was typed as the rule wants it; None when something is wrong, with the reasons put to the fields."""
    fine = form.validate()
    days = {name: day_or_none(form[name].data) for name in ("starts", "ends")}
    said = Call(form.title.data or "", form.theme.data or "", tidy_words(form.words.data or ""), **days)
    found = rules.problems(said)
    for name in ("starts", "ends"):
        if days[name] is None and form[name].data:
            found[name] = Verdict(False, BAD_DAY)
    for name, verdict in found.items():
        fine = tell(form, name, verdict) and fine
    return said if fine else None


def _asked() -> tuple[str, str]:
    state = request.args.get("state", "")
    return state if state in ideas.STATES else "", tidy(request.args.get("q"))[:LONGEST]


def _url(campaign_id: UUID, state: str, words: str, endpoint: str = "community.campaign", **more: Any) -> str:
    asked = {"state": state, "q": words} | more
    return site_url(endpoint, campaign_id=campaign_id, **{name: value for name, value in asked.items() if value})


def _new_page(form: CampaignForm, once: UUID) -> str:
    return desk("desk/campaign_form.html", "campaigns", form=form, once=once, found=None)


def _edit_page(form: CampaignForm, found: Campaign) -> str:
    return desk("desk/campaign_form.html", "campaigns", form=form, once=None, found=found)


def _closing_page(form: ClosingForm, found: Campaign) -> str:
    call = shown(found, ideas.count_ideas(found))
    return desk("desk/campaign_closing.html", "campaigns", form=form, call=call)


W = Permission.CAMPAIGN_WRITE
ONE = "/desk/campaigns/<uuid:campaign_id>"
DOORS: list[Door] = [
    Door("GET", "/desk/campaigns", campaigns, W),
    Door("POST", "/desk/campaigns", campaign_start, W),
    Door("GET", "/desk/campaign-form", campaign_new, W),
    Door("GET", ONE, campaign, W),
    Door("GET", f"{ONE}/words", campaign_edit, W),
    Door("POST", f"{ONE}/words", campaign_change, W),
    Door("GET", f"{ONE}/closing", campaign_closing, W),
    Door("POST", f"{ONE}/closing", campaign_close, W),
    Door("GET", f"{ONE}/ideas.xlsx", campaign_xlsx, W),
    Door("GET", f"{ONE}/poster", campaign_poster, W),
    Door("GET", f"{ONE}/poster.svg", campaign_poster_svg, W),
    Door("GET", f"{ONE}/code.svg", campaign_code_svg, W),
]
