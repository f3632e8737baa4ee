"""Letters and tasks as the Word paper and as a table for an office program."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from flask import Response, g, send_file
from flask_babel import gettext as _

from app import clock
from app.faces.look import say
from app.faces.papers import docx_answer
from app.matter import outside_rules as rules
from app.matter.lights import COLOUR_LABELS
from app.matter.outside_models import OutsideUnit, RequestLetter
from app.matter.outside_queries import Row
from app.people.sheets import Cell, xlsx_bytes
from app.records.documents.filename import paper_filename
from app.records.documents.letter import TITLES, Letter, letter_docx, organ_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def docx_of(row: Row, unit: OutsideUnit | None, first: RequestLetter | None) -> Response:
    """The answer to a download; the street signs with its own phone, never with a resident's."""
    letter = row.standing.letter
    contact = "，".join(part for part in (letter.by_label, _phone()) if part)
    content = letter_docx(
        Letter(
            issuer=organ_of(g.site.street_name), number=letter.number, kind=letter.kind, to=letter.unit_name,
            subject=letter.subject, words=letter.words, sent_on=letter.sent_on, reply_due=letter.reply_due,
            contact=contact, first_number=first.number if first else "",
            first_sent_on=first.sent_on if first else None,
        )
    )  # fmt: skip
    short = row.community.name.removesuffix("社区")
    return docx_answer(content, paper_filename(letter.sent_on, short, TITLES[letter.kind], letter.number, 1))


def _phone() -> str:
    return f"电话：{g.site.street_phone}" if g.site.street_phone else ""


def letters_xlsx(rows: Iterable[Row]) -> Response:
    """One line a letter; of a matter that is closed to the public the number alone."""
    heads = [
        _("编号"), _("哪一种"), _("再次发的"), _("发给谁"), _("事由"), _("社区"), _("事项编号"), _("事项"), _("哪天发"),
        _("请哪天前回话"), _("到哪步"), _("灯"), _("签收"), _("催过几次"), _("踏勘"), _("回话"),
        _("办结或作废"), _("谁发的"),
    ]  # fmt: skip
    data = xlsx_bytes(
        _("函和交办台账"), heads, [_line(row) for row in rows], wrap=True,
        widths=[20, 12, 9, 22, 30, 12, 16, 28, 12, 13, 14, 14, 24, 9, 30, 40, 30, 12],
    )  # fmt: skip
    name = f"{clock.today().isoformat()}_{_('函和交办台账')}.xlsx"
    answer = send_file(BytesIO(data), XLSX, as_attachment=True, download_name=name)
    # What only staff may read is kept by no browser.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _line(row: Row) -> tuple[Cell, ...]:
    letter, facts, lamp = row.standing.letter, row.standing.facts, row.standing.light
    told = {kind: [] for kind in rules.EVENT_LABELS}  # type: dict[str, list[str]]
    for event in row.standing.events:
        number = f"（{event.reply_no}）" if event.reply_no else ""
        told[event.kind].append(f"{event.day.isoformat()}{number} {event.words}".strip())
    is_open = row.matter.visibility == "public"
    return (
        letter.number, _(rules.KIND_LABELS[letter.kind]), _("是") if letter.second_of_id else "", letter.unit_name,
        letter.subject if is_open else "", row.community.name, row.matter.number, row.matter.title if is_open else "",
        letter.sent_on.isoformat(), letter.reply_due.isoformat(), _(rules.STATE_LABELS[facts.state]),
        f"{_(COLOUR_LABELS[lamp.colour])}，{say(lamp.reason, lamp.values)}" if lamp else "",
        "\n".join(told["received"]), facts.reminders, *(
            "\n".join(words) if is_open else "" for words in (
                told["visited"], told["replied"], [*told["closed"], *told["void"]]
            )
        ), letter.by_label,
    )  # fmt: skip
