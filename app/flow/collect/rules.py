"""What may be handed in, and what is still missing: bounds, lists and one answer per field.

Source: domain.md section 1 (lead, proposal, 代录), section 2 (row ``collected``), section 5 (PIPL sections 28 and 31:
what a child says needs a guardian's consent). Pure: no Flask, no database, no clock; the year comes as an argument.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

from app.errors import Verdict, no
from app.matter.situation import Kind, Visibility
from app.people.phones import phone_problem as phone_problem
from app.people.phones import tidy_phone as tidy_phone
from app.words import N_

TITLE, WORDS, WISH, PLACE, NAME, ORGANISATION, GUARDIAN = 60, 5000, 1000, 200, 40, 80, 80
#: What a person adds later is kept with the first words, up to this many letters in all.
ALL_WORDS = 20_000
REASON = 1000
PHOTOS = 6
VOICES = 2
#: Stands for the words where somebody only spoke into the phone, until the community has written it down.
VOICE_ONLY = "（有一段语音，等社区听写）"
#: How long a title is that the hall makes out of the words itself.
SHORT_TITLE = 30
ADULT, CHILD = 18, 14

CHANNELS: dict[str, str] = {
    "web": N_("网上说的"),
    "point": N_("民意收集点"),
    "visit": N_("网格走访"),
    "door": N_("入户听来的"),
    "phone": N_("打电话说的"),
    "box": N_("话匣子信箱"),
    "slip": N_("纸条"),
    "event": N_("活动上听来的"),
    "wechat": N_("微信群"),
    "12345": N_("12345 转来"),
    "deputy": N_("代表委员带来"),
    "organisation": N_("单位送来"),
    "secretary": N_("书记项目"),
}
CATEGORIES: dict[str, str] = {
    "repair": N_("设施修缮"),
    "addition": N_("添个设施"),
    "hygiene": N_("环境卫生"),
    "parking": N_("停车充电"),
    "safety": N_("安全隐患"),
    "pets": N_("养宠"),
    "greening": N_("绿化"),
    "neighbours": N_("邻里相处"),
    "elders": N_("老人孩子"),
    "events": N_("文体活动"),
    "property": N_("物业服务"),
    "business": N_("商户外摆"),
    "plan": N_("计划和经费"),
    "feedback": N_("对议事厅的意见"),
    "other": N_("别的事"),
}
#: What kind of body an organisation is; the keys are the column's (``models.ORGANISATION_KINDS``).
ORGANISATIONS: dict[str, str] = {
    "property": N_("物业"),
    "owners_committee": N_("业委会"),
    "merchants": N_("商户联盟"),
    "partner": N_("共建单位"),
    "other": N_("其他单位"),
}
TITLES_OF_ADDRESS: dict[str, str] = {"": N_("不写"), "先生": N_("先生"), "女士": N_("女士")}
NO_SUCH_UNIT = N_("%(building)s 只有 %(n)s 个单元，请再选一次。")


@dataclass(frozen=True)
class Source:
    """By which door of the hall a voice came in; it stays on the proposal for good. Ids of rows of this hall."""

    venue_id: UUID | None = None
    campaign_id: UUID | None = None
    opening_id: UUID | None = None
    letter_no: int | None = None
    listening_id: UUID | None = None
    work_order_id: UUID | None = None


NOWHERE = Source()


@dataclass(frozen=True)
class Saying:
    """What somebody says, as it came in at the counter, the door, the letterbox or the phone.

    ``words`` as spoken, ``wish`` what they hope for; ``signers`` counts households that sign. ``entered_by`` is the
    account that typed for somebody else (代录) and ``for_another`` says so where no account did (a neighbour's phone);
    either counts only after the words were read back. ``person_id`` is the account's own person, where one is signed
    in. ``point`` says in a few words how it came (哪个收集点, 哪天的信箱), ``source`` which row of the hall that is.
    ``own_consent`` is a 14- to 17-year-old's own, ``guardian`` who agreed for a younger child (name and phone).
    An organisation says what kind it is and in which capacity ``name`` speaks for it. ``invites`` is a joint proposal
    that gathers its signatures by link, beginning with one. ``notice`` is the tick under the hall's privacy notice.
    ``voices`` counts the voice notes that come with it; one of them is enough without words. ``consent_later`` is a
    child's letter out of the box: nobody can be asked before it is kept, so it is kept as a lead and asked at triage.
    """

    words: str
    title: str = ""
    wish: str = ""
    kind: str = "individual"
    category: str = ""
    building_id: UUID | None = None
    unit: int | None = None
    place: str = ""
    channel: str = "web"
    point: str = ""
    name: str = ""
    title_of_address: str = ""
    phone: str = ""
    name_public: bool = False
    signers: int = 1
    organisation: str = ""
    organisation_kind: str = ""
    organisation_role: str = ""
    invites: bool = False
    notice: bool = False
    guardian_consent: bool = False
    birth_year: int | None = None
    entered_by: UUID | None = None
    read_back: bool = False
    for_another: bool = False
    person_id: UUID | None = None
    track: str = "ordinary"
    is_plain_duty: bool = False
    is_secretary_project: bool = False
    own_consent: bool = False
    guardian: str = ""
    source: Source = NOWHERE
    voices: int = 0
    consent_later: bool = False

    @property
    def is_for_another(self) -> bool:
        """Somebody typed or wrote it down for the speaker."""
        return self.for_another or self.entered_by is not None

    @property
    def headline(self) -> str:
        """The title given, or one made of the first sentence."""
        return self.title.strip() or short_title(self.told)

    @property
    def told(self) -> str:
        """The words as they are kept; where somebody only spoke into the phone, what stands for them."""
        return tidy_words(self.words) or (VOICE_ONLY if self.voices else "")


def gender_of(title_of_address: str) -> str:
    """``male`` or ``female`` as a masked name needs it, empty where nobody said."""
    return {"先生": "male", "女士": "female"}.get(title_of_address, "")


def short_title(words: str) -> str:
    """The first sentence of the words, at most ``SHORT_TITLE`` letters."""
    first = re.split(r"[。！？!?；;\n]", words.strip(), maxsplit=1)[0].strip(" ，,、")
    return first if len(first) <= SHORT_TITLE else first[: SHORT_TITLE - 1] + "…"


def tidy_words(text: str) -> str:
    """The text without invisible control letters, with one kind of line end; rare characters stay as they are."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def is_child(birth_year: int | None, year: int) -> bool:
    """Under eighteen in ``year``; such a matter is for its parties only."""
    return birth_year is not None and year - birth_year < ADULT


def visibility_of(saying: Saying, year: int) -> Visibility:
    """A quarrel and whatever concerns a child start for the parties only (domain.md section 2, overlays)."""
    private = saying.track == "mediation" or is_child(saying.birth_year, year)
    return Visibility.PARTIES if private else Visibility.PUBLIC


def problems(saying: Saying, *, year: int) -> dict[str, Verdict]:
    """Every field that cannot stand like this, in the order of the form; empty when all is well."""
    return {
        **_too_long(saying),
        **_of_words(saying),
        **_of_place(saying),
        **_of_kind(saying),
        **_of_person(saying, year),
    }


def _too_long(saying: Saying) -> dict[str, Verdict]:
    bounds = {
        "title": (saying.title, TITLE),
        "words": (saying.words, WORDS),
        "wish": (saying.wish, WISH),
        "place": (saying.place, PLACE),
        "point": (saying.point, PLACE),
        "name": (saying.name, NAME),
        "organisation": (saying.organisation, ORGANISATION),
        "organisation_role": (saying.organisation_role, NAME),
        "guardian": (saying.guardian, GUARDIAN),
    }
    return {
        field: no(N_("最多写 %(limit)s 个字，现在有 %(n)s 个，请写短一点。"), limit=limit, n=len(text.strip()))
        for field, (text, limit) in bounds.items()
        if len(text.strip()) > limit
    }


def _of_words(saying: Saying) -> dict[str, Verdict]:
    if len(tidy_words(saying.words)) < 2 and not saying.voices:
        return {"words": no(N_("请写一写是什么事，一句话也行。"))}
    return {}


def _of_place(saying: Saying) -> dict[str, Verdict]:
    found = {}
    if saying.building_id is None and not saying.place.strip():
        found["place"] = no(N_("请选一栋楼，或者写上在什么地方。"))
    if saying.channel not in CHANNELS:
        found["channel"] = no(N_("请选是从哪儿听来的。"))
    if saying.category and saying.category not in CATEGORIES:
        found["category"] = no(N_("请从列出来的类别里选一个。"))
    return found


def _of_kind(saying: Saying) -> dict[str, Verdict]:
    if saying.kind not in set(Kind):
        return {"kind": no(N_("请选是谁提的：自己、几户一起，还是单位。"))}
    if saying.organisation_kind and saying.organisation_kind not in ORGANISATIONS:
        # Asked of whoever speaks, since what is typed there is kept for a person too.
        return {"organisation_kind": no(N_("是哪一种单位，请从列出来的里选一个。"))}
    if saying.kind == Kind.JOINT and not (1 if saying.invites else 2) <= saying.signers <= 5000:
        return {"signers": no(N_("几户一起提，至少要有两户。"))}
    if saying.kind == Kind.ORGANISATION:
        return _of_organisation(saying)
    return {}


def _of_organisation(saying: Saying) -> dict[str, Verdict]:
    return {} if saying.organisation.strip() else {"organisation": no(N_("单位提的，请写上单位名称。"))}


def _of_person(saying: Saying, year: int) -> dict[str, Verdict]:
    found = {}
    wrong = phone_problem(saying.phone)
    if wrong is not None:
        found["phone"] = wrong
    if saying.title_of_address not in TITLES_OF_ADDRESS:
        found["title_of_address"] = no(N_("称呼请选先生、女士，或者不写。"))
    if saying.is_for_another and not saying.read_back:
        found["read_back"] = no(N_("替别人写的，要念给本人听过、本人同意，才能交。"))
    return found | _of_age(saying, year)


def _of_age(saying: Saying, year: int) -> dict[str, Verdict]:
    """A child under fourteen speaks with a guardian's consent, an older one with an own (PIPL sections 28 and 31)."""
    if saying.birth_year is None:
        return {}
    if not year - 120 <= saying.birth_year <= year:
        return {"birth_year": no(N_("出生年份不对，请再看看。"))}
    if not is_child(saying.birth_year, year):
        return {}
    found = {}
    if saying.kind != Kind.INDIVIDUAL:
        # A link that invites signers, or a list of them, would show the child's words to whoever holds it.
        found["birth_year"] = no(N_("孩子的事按一个人提，不联名，也不算单位的。"))
    if saying.consent_later:
        return found
    if year - saying.birth_year >= CHILD:
        if not saying.own_consent:
            found["own_consent"] = no(N_("满 14 岁的，要你自己同意才能交。"))
        return found
    if not saying.guardian_consent:
        found["guardian_consent"] = no(N_("不满 14 岁的孩子来说事，要先有家长同意。"))
    if not saying.guardian.strip():
        found["guardian"] = no(N_("请写上同意的家长是谁、电话多少，社区要能核实。"))
    return found


def may_add_words(old: str, more: str, limit: int = WORDS) -> Verdict | None:
    """What is wrong with an addition to the words, or None."""
    more = tidy_words(more)
    if len(more) < 2:
        return no(N_("请写上要补充的内容。"))
    if len(more) > limit:
        return no(N_("最多写 %(limit)s 个字，现在有 %(n)s 个，请写短一点。"), limit=limit, n=len(more))
    if len(old) + len(more) > ALL_WORDS:
        return no(N_("这件事已经补充得很长了，请打电话或者当面跟社区说。"))
    return None
