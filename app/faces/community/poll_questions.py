"""The questions of a draft as they are typed: read, judged, changed by the buttons that add and drop, said in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext
from markupsafe import Markup, escape

from app.errors import Refused
from app.faces import figures
from app.faces.community.inputs import tidy, whole_number
from app.faces.community.paperwork import fen
from app.faces.community.poll_words import plain_choices
from app.faces.community.sitting_forms import labelled
from app.faces.look import say
from app.flow.decide.rules import BODY_RULES, RULE_LABELS, Body, Rule
from app.flow.decide.voting import allowed_rules
from app.words import N_

QUESTIONS, OPTIONS = 6, 8
#: What one form can hold at most before it is no longer a form of ours.
WORDS, LABEL, OPTION_WORDS = 500, 40, 200
RULE_WORDS: Mapping[Rule, str] = {
    Rule.COUNCIL_MAJORITY: N_("同意、不同意、弃权。到会的过半数同意才通过，弃权和不同意一样。"),
    Rule.COUNCIL_TWO_THIRDS: N_("同意、不同意、弃权。到会的三分之二同意才通过。"),
    Rule.RESIDENTS_MEETING: N_("同意、不同意、弃权。过半数参加、参加的过半数同意才通过，是居民会议的决定。"),
    Rule.REPS_MEETING: N_("同意、不同意、弃权。参加的过半数同意才通过。"),
    Rule.HOUSEHOLD_BALLOT: N_("同意、不同意、弃权。交票的过半数同意才通过。"),
    Rule.OWNERS_ORDINARY: N_("管理规约、业委会、物业聘任、使用维修资金等，参与的人数和面积都过半数同意。"),
    Rule.OWNERS_SPECIAL: N_("筹集维修资金、改建重建、改变共有部分用途，参与的人数和面积都四分之三同意。"),
    Rule.UNANIMOUS: N_("住宅改经营用房：有利害关系的业主个个要答复，一户不同意就不行。"),
    Rule.MULTI_OPTION: N_("得票最多的选上；并列第一的再投一次。"),
    Rule.SOLICITATION: N_("只听听大家的意思，不作决定，多少人同意也不算通过。"),
}


@dataclass
class OptionTyped:
    """One option as it was typed."""

    label: str = ""
    words: str = ""
    cost: str = ""
    photo: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not (self.label or self.words or self.cost)

    @property
    def cost_fen(self) -> int | None:
        """Integer fen, None when nothing is written; raises ``Refused`` when it is no amount."""
        return fen(self.cost)


@dataclass
class QuestionTyped:
    """One question as it was typed."""

    words: str = ""
    rule: str = ""
    options: list[OptionTyped] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        return not self.words and all(option.is_blank for option in self.options)

    @property
    def filled(self) -> list[OptionTyped]:
        """The options somebody wrote."""
        return [option for option in self.options if not option.is_blank]

    @property
    def takes_options(self) -> bool:
        return self.rule == Rule.MULTI_OPTION


def rules_for(body: str) -> list[Rule]:
    """The rules a body may use here; a hall whose charter asks for two thirds keeps to it."""
    council = {Rule.COUNCIL_MAJORITY, Rule.COUNCIL_TWO_THIRDS}
    return [rule for rule in BODY_RULES[Body(body)] if rule not in council or rule in allowed_rules()]


def rule_choices(body: str) -> list[tuple[str, str, str]]:
    """``(value, label, words)`` of the rules of one body, translated."""
    return [(str(rule), say(RULE_LABELS[rule]), say(RULE_WORDS[rule])) for rule in rules_for(body)]


def questions_typed(data: Mapping[str, str]) -> list[QuestionTyped]:
    """Read ``q0-words``, ``q0-rule``, ``q0o0-label`` … as far as they are there, bounded, nothing judged yet."""
    found: list[QuestionTyped] = []
    while len(found) < QUESTIONS and f"q{len(found)}-words" in data:
        at = f"q{len(found)}"
        question = QuestionTyped(data[f"{at}-words"].strip()[: WORDS + 1], data.get(f"{at}-rule", "")[:40])
        while len(question.options) < OPTIONS and f"{at}o{len(question.options)}-label" in data:
            name = f"{at}o{len(question.options)}"
            question.options.append(
                OptionTyped(
                    tidy(data[f"{name}-label"])[: LABEL + 1], tidy(data.get(f"{name}-words"))[: OPTION_WORDS + 1],
                    tidy(data.get(f"{name}-cost"))[:20], data.get(f"{name}-photo", "")[:40],
                )
            )  # fmt: skip
        found.append(question)
    return found or [QuestionTyped()]


def judge_questions(questions: list[QuestionTyped], body: str, photos: Iterable[UUID]) -> bool:
    """Put what is wrong to its field; returns whether all is well. An unused last question is no mistake."""
    known = {str(photo) for photo in photos}
    while len(questions) > 1 and questions[-1].is_blank:
        questions.pop()
    for question in questions:
        _judge_question(question, {str(rule) for rule in rules_for(body)})
        for option in question.filled if question.takes_options else ():
            _judge_option(option, known)
    return not any(question.errors or any(option.errors for option in question.options) for question in questions)


def _judge_question(question: QuestionTyped, allowed: set[str]) -> None:
    question.errors = {}
    if not question.words:
        question.errors["words"] = gettext("要问什么，写成一句话。")
    elif len(question.words) > WORDS:
        question.errors["words"] = gettext("500 个字以内。")
    if question.rule not in allowed:
        question.errors["rule"] = gettext("选一种算法。")
    labels = [option.label for option in question.filled]
    if question.takes_options and len(labels) < 2:
        question.errors["options"] = gettext("至少写两个方案。")
    elif question.takes_options and len(set(labels)) < len(labels):
        question.errors["options"] = gettext("有两个方案的名字一样，分不开。")


def _judge_option(option: OptionTyped, photos: set[str]) -> None:
    option.errors = {}
    if not option.label or len(option.label) > LABEL:
        option.errors["label"] = gettext("方案要有个短名字，40 个字以内。")
    if len(option.words) > OPTION_WORDS:
        option.errors["words"] = gettext("200 个字以内。")
    if option.photo and option.photo not in photos:
        option.errors["photo"] = gettext("没有这张照片。")
    try:
        _cost = option.cost_fen
    except Refused as refused:
        option.errors["cost"] = say(refused.reason, refused.values)


def press(questions: list[QuestionTyped], data: Mapping[str, str], found: Iterable[Mapping[str, Any]]) -> str:
    """Add or drop a question or an option, or take over the options found before, as the pressed button asks.

    Returns the id of the place to show next, empty when the button was the one that saves. ``found`` are the research
    options: ``label``, ``words``, ``cost_fen``.
    """
    wanted, at = next(((act, data[act]) for act in ("add", "drop", "found") if data.get(act)), ("", ""))
    number = whole_number(at[1:].partition("o")[0]) if at.startswith("q") else None
    question = questions[number] if number is not None and number < len(questions) else None
    if wanted == "add" and at == "question" and len(questions) < QUESTIONS:
        questions.append(QuestionTyped(rule=questions[-1].rule))
        return f"q{len(questions) - 1}"
    if not wanted or question is None:
        return "q0" if wanted else ""
    if wanted == "found":
        question.rule = str(Rule.MULTI_OPTION)
        question.options = question.filled + [_taken_over(option) for option in found]
        del question.options[OPTIONS:]
    elif wanted == "add" and len(question.options) < OPTIONS:
        question.options.append(OptionTyped())
    elif wanted == "drop":
        _drop(questions, number or 0, whole_number(at.partition("o")[2]))
    return f"q{min(number or 0, len(questions) - 1)}"


def _taken_over(option: Mapping[str, Any]) -> OptionTyped:
    label = f"{option['label']} {option['words']}"
    rest = str(option["words"])[:OPTION_WORDS] if len(label) > LABEL else ""
    return OptionTyped(label[:LABEL], rest, figures.typed_yuan(option["cost_fen"]))


def _drop(questions: list[QuestionTyped], number: int, option: int | None) -> None:
    if option is not None and option < len(questions[number].options):
        del questions[number].options[option]
    elif option is None and len(questions) > 1:
        del questions[number]


def with_room(questions: list[QuestionTyped]) -> list[QuestionTyped]:
    """Every question that chooses among options shows at least two lines for them."""
    for question in questions:
        while len(question.options) < 2:
            question.options.append(OptionTyped())
    return questions


def complaints(questions: list[QuestionTyped]) -> list[Markup]:
    """What is wrong with the questions, each leading to its field, for the summary on top."""
    found = []
    for number, question in enumerate(questions):
        places = [(f"q{number}-{key}", text) for key, text in question.errors.items()]
        for index, option in enumerate(question.options):
            places += [(f"q{number}o{index}-{key}", text) for key, text in option.errors.items()]
        found += [
            Markup('<a href="#{}">{}</a>').format(place, gettext("第 %(n)s 题：", n=number + 1) + str(escape(text)))
            for place, text in places
        ]
    return found


def choice_labels(question: Any) -> list[tuple[str, str]]:
    """``(key, label)`` of what may be chosen in one question, in the order of the paper."""
    if question.options:
        return [(option["key"], option["label"]) for option in question.options]
    return [one for one in labelled(plain_choices(question)) if one[0] != SPOILED[0]]


SPOILED = ("spoiled", N_("废票"))
