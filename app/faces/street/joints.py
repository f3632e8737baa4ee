"""Doors of the street: what it leads across communities, from the draft to the last promise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request
from flask_babel import gettext as _

from app import clock
from app.errors import Missing
from app.faces.doors import Door
from app.faces.inputs import page_number
from app.faces.joint_view import halls_view, head_of, steps_of, story_of, tasks_view
from app.faces.pages import desk
from app.faces.street.joint_forms import (
    ACTS,
    TASK_ACTS,
    JointForm,
    TaskForm,
    attempt,
    ballot_texts,
    fill,
    gather_texts,
    task_acts,
    uuid_of,
    uuids_of,
    written,
)
from app.faces.street.joint_page import outcome_of
from app.faces.visitor import actor
from app.matter import joint, joint_sources
from app.matter import joint_queries as queries
from app.matter import joint_rules as rules
from app.matter.joint_models import JointMatter
from app.people.permissions import Permission
from app.words import N_
from tenants.database import db, uuid7
from tenants.hosts import site_url

TABS = {"open": N_("在商量的"), "doing": N_("有结果、在办的"), "done": N_("了结的")}
GONE = N_("没有这件事。")


def joints() -> str:
    """What the street leads, by how far it is."""
    tab = request.args.get("tab", "open")
    tab = tab if tab in TABS else "open"
    number = page_number()
    found, total = queries.joints_page(tab, number)
    if not total and "tab" not in request.args:
        # Nothing waits: what is being done is more than an empty stool.
        tab, (found, total) = "doing", queries.joints_page("doing", number)

    def url_of(n: int) -> str:
        return site_url("street.joints", tab=tab, page=n)

    return desk(
        "street/joints.html", "joint", rows=[(row, head_of(row.JointMatter)) for row in found], total=total,
        number=number, last=max(1, -(-total // queries.PAGE)), url_of=url_of,
        tabs=[(_(label), site_url("street.joints", tab=name), name == tab) for name, label in TABS.items()],
    )  # fmt: skip


def joint_new() -> str:
    """The form; ``?q=`` looks for public matters on one theme, ``?matter=`` and ``?escalation=`` say where it began."""
    chosen = uuids_of(request.args.getlist("matter"))
    asked = uuid_of(request.args.get("escalation"))
    behind = joint_sources.matter_of_request(asked) if asked else None
    grown = joint_sources.sources([*chosen, *([behind] if behind else [])])
    first = grown[0][0] if grown else None
    form = JointForm(
        formdata=None, once=str(uuid7()), title=first.title if first else "", place=first.place if first else "",
        category=first.category if first else "", rule="each", ballot_rule="council_majority",
    )  # fmt: skip
    return _form_page(form, grown)


def joint_add() -> Any:
    """Keep the draft; nobody but the street sees it yet."""
    form = JointForm()
    grown = joint_sources.sources(uuids_of(request.form.getlist("matter")))
    row_id = uuid_of(form.once.data) or uuid7()

    def make() -> None:
        joint.draft(
            **written(form), sources=[one for one, _hall in grown], by=actor(), now=clock.now(), once=row_id
        )  # fmt: skip

    if not attempt(form, make, ""):
        return _form_page(form, grown), 422
    flash(_("起草好了，还没有公开。接着请社区。"), "ok")
    return redirect(site_url("street.joint", joint_id=row_id), 303)


def joint_words(joint_id: UUID) -> str:
    """Change the words, and before the first invitation the rules."""
    found = joint_of(joint_id)
    form = JointForm(
        formdata=None, title=found.title, question=found.question, brief=found.brief, place=found.place,
        category=found.category, rule=found.rule, ballot_rule=found.ballot_rule,
        due=found.due.isoformat() if found.due else "",
    )  # fmt: skip
    return _form_page(form, [], found)


def joint_words_set(joint_id: UUID) -> Any:
    """Write the change; once a hall votes, the question stands."""
    found, form = joint_of(joint_id), JointForm()
    if found.stage != "drafting":
        form.rule.data, form.ballot_rule.data = found.rule, found.ballot_rule
    if not attempt(form, lambda: joint.change(found, **written(form), by=actor(), now=clock.now()), ""):
        db.session.rollback()
        return _form_page(form, [], joint_of(joint_id)), 422
    flash(_("改好了。"), "ok")
    return redirect(site_url("street.joint", joint_id=joint_id), 303)


def joint_page(joint_id: UUID) -> str:
    """One matter the street leads, with its halls, its promises and what comes next."""
    return lead_page(joint_of(joint_id))


def lead_page(found: JointMatter, task_form: TaskForm | None = None) -> str:
    """The page; ``task_form`` keeps what was typed into it."""
    notes, halls = queries.notes_of(found.id, public_only=False), queries.halls_of(found.id)
    parts = [hall.as_part(found.due) for hall in halls]
    form = task_form or TaskForm(formdata=None, once=str(uuid7()))
    tasks = tasks_view(queries.tasks_of(found.id), clock.today())
    return desk(
        "street/joint.html", "joint", joint=found, head=head_of(found), steps=steps_of(found, notes),
        story=story_of(notes, halls),
        halls=halls_view(found, halls), tasks=tasks, outcome=outcome_of(found), task_form=form, task_acts=task_acts,
        task_words=TASK_ACTS, came_from=_came_from(notes), acts=_acts(found),
        needs=_needs(found, parts, tasks),
        may_invite=found.stage in ("drafting", "inviting", "deliberating") and found.gathered_at is None,
        may_promise=found.stage in ("decided", "not_passed", "implementing"),
        public_url=site_url("street.joint_public", number=found.number, external=True) if found.shared else "",
    )  # fmt: skip


def joint_of(joint_id: UUID) -> JointMatter:
    """The lead matter, or 404."""
    found = queries.find_joint(joint_id)
    if found is None:
        raise Missing(GONE)
    return found


def _acts(found: JointMatter) -> list[Any]:
    return [act for act in ACTS.values() if found.stage in act.stages]


def _needs(found: JointMatter, parts: list[Any], tasks: list[Any]) -> list[dict[str, Any]]:
    """What is still missing for the next step, in the words of the rules."""
    today, left = clock.today(), sum(task["state"] in ("open", "done") for task in tasks)
    verdict = {
        "inviting": lambda: rules.may_open(found.stage, parts, today),
        "deliberating": lambda: rules.may_gather(found.stage, parts, today, "x"),
        "implementing": lambda: rules.may_close(found.stage, left, "x"),
    }.get(found.stage)
    checked = verdict() if verdict else None
    if checked is None or checked:
        return []
    return [{"reason": checked.reason, "values": checked.values}]


def _came_from(notes: list[Any]) -> list[tuple[str, str]]:
    """The public matters it grew out of: number, URL in the street's own reading."""
    first = next((note for note in notes if note.verb == "draft"), None)
    ids = uuids_of([one["matter_id"] for one in first.data.get("sources", [])]) if first else []
    return [
        (f"{hall.name} {one.number}", site_url("street.matter", community_slug=hall.slug, matter_id=one.id))
        for one, hall in (joint_sources.sources(ids) if ids else [])
    ]


def _form_page(form: JointForm, grown: list[Any], found: JointMatter | None = None) -> str:
    words = request.args.get("q", "").strip()[:30]
    return desk(
        "street/joint_form.html", "joint", form=fill(form), joint=found, grown=grown, texts=gather_texts(), q=words,
        ballot_texts=ballot_texts(),
        seen=joint_sources.matters_about(words) if words else [], rules_stand=bool(found and found.stage != "drafting"),
    )  # fmt: skip


P = Permission
_JOINT = "/joints/<uuid:joint_id>"
DOORS: list[Door] = [
    Door("GET", "/joints", joints, P.STREET_JOINT_WRITE),
    Door("GET", "/joints/new", joint_new, P.STREET_JOINT_WRITE),
    Door("POST", "/joints", joint_add, P.STREET_JOINT_WRITE),
    Door("GET", _JOINT, joint_page, P.STREET_JOINT_WRITE, name="joint"),
    Door("GET", f"{_JOINT}/words", joint_words, P.STREET_JOINT_WRITE),
    Door("POST", f"{_JOINT}/words", joint_words_set, P.STREET_JOINT_WRITE),
]
