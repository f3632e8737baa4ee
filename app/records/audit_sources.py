"""Which columns of which log a seal covers, and what the logs are called. Pure.

A log's list may only grow by a further version at its end: what was sealed under an older one is verified by that one.
Never here: the box, the roll and the votes. A chain of their rows would keep the order in which people voted.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.words import N_

Versions = tuple[tuple[str, ...], ...]

#: Table → versions of its columns; the key's own columns are in the text anyway.
HALL: Mapping[str, Versions] = {
    "timeline": ((
        "matter_id", "seq", "at", "verb", "old_stage", "new_stage", "actor_kind", "actor_id", "actor_label", "channel",
        "reason", "words", "public", "data",
    ),),
    "change_log": (("at", "by_id", "by_label", "subject", "subject_id", "what", "before", "after"),),
    "look": (("matter_id", "person_id", "subject", "reason", "viewer_kind", "viewer_id", "viewer_label", "at"),),
    "consent": (("person_id", "matter_id", "about", "given", "notice_version", "channel", "by_label", "at"),),
    "privacy_notice": (("version", "words", "by_label", "at"),),
    "ballot_replacement": ((
        "poll_id", "voter_id", "channel", "reason", "first_id", "first_label", "second_id", "second_label", "at",
    ),),
    "escalation_reply": (("escalation_id", "kind", "side", "words", "letter_no", "by_id", "by_label", "at"),),
    "supervision_order": ((
        "matter_id", "commitment_id", "number", "level", "kind", "resolution_number", "lead", "lead_id", "support",
        "demand", "due", "light", "second_of_id", "issued_at", "issued_by", "issued_label",
    ),),
    "order_event": (("order_id", "seq", "kind", "side", "words", "due", "by_id", "by_label", "at", "data"),),
    "request_letter": ((
        "matter_id", "escalation_id", "unit_id", "unit_name", "kind", "number", "subject", "words", "sent_on",
        "reply_due", "second_of_id", "by_id", "by_label", "at",
    ),),
    "letter_event": (("letter_id", "seq", "kind", "day", "words", "reply_no", "by_id", "by_label", "at", "data"),),
    "review_opinion": (("request_id", "upheld", "words", "by_id", "by_label", "at"),),
    "hall_list": (("kind", "version", "dropped", "notes", "by_label", "at"),),
    "joint_invite": ((
        "joint_id", "kind", "words", "answer_due", "ballot_rule", "matter_id", "by_id", "by_label", "at",
    ),),
    "canvass_try": (("door_id", "channel", "answer", "words", "undoes_id", "by_id", "by_label", "at"),),
    "asset_check": (("asset_id", "on", "fine", "words", "by_id", "by_label", "at"),),
    "invitation_opening": (("invitation_id", "at", "outcome"),),
    "expert_sign_in": (("invitation_id", "sitting_id", "at"),),
    "opinion": (("invitation_id", "matter_id", "words", "expert_label", "at"),),
    "expert_rating": (("invitation_id", "expert_id", "grade", "words", "by_label", "at"),),
    "expert_suggestion": ((
        "name", "profession", "organisation", "skill", "phone_sealed", "why", "consent", "by_id", "by_label", "at",
    ),),
    "suggestion_reply": (("suggestion_id", "approved", "words", "expert_id", "by_id", "by_label", "at"),),
}  # fmt: skip
STREET: Mapping[str, Versions] = {
    "street_log": (("at", "by_id", "by_label", "subject", "what", "before", "after"),),
    "joint_note": (("joint_id", "at", "verb", "words", "public", "by_id", "by_label", "data"),),
    "street_list": (("kind", "version", "items", "note", "by_label", "at"),),
    "seal_anchor": (("community_id", "no", "hash", "total", "at"),),
}
SOURCES: Mapping[str, Mapping[str, Versions]] = {"community": HALL, "street": STREET}
#: Where a line's own moment does not stand in ``at``.
MOMENTS: Mapping[str, str] = {"supervision_order": "issued_at"}
#: Rows of these may never stand in a chain: together with its order they could say who voted how.
NEVER = frozenset({"box_paper", "ballot_roll", "vote", "ballot_stub", "paper_sheet"})
LABELS: Mapping[str, str] = {
    "timeline": N_("事项的经过"), "change_log": N_("社区改动记录"), "look": N_("谁看过"), "consent": N_("同意和收回"),
    "privacy_notice": N_("隐私说明"), "ballot_replacement": N_("换票记录"), "escalation_reply": N_("上级的答复"),
    "supervision_order": N_("督办单"), "order_event": N_("督办单的经过"), "request_letter": N_("给外单位的函"),
    "letter_event": N_("函的经过"), "review_opinion": N_("复核意见"), "hall_list": N_("社区的清单"),
    "joint_invite": N_("跨社区的邀请"), "canvass_try": N_("入户征求的记录"), "asset_check": N_("设施的巡查"),
    "invitation_opening": N_("专家链接的打开"), "expert_sign_in": N_("专家签到"), "opinion": N_("专家意见"),
    "expert_rating": N_("对专家的评价"), "expert_suggestion": N_("推荐的专家"),
    "suggestion_reply": N_("推荐的答复"), "street_log": N_("街道改动记录"), "joint_note": N_("跨社区的事的经过"),
    "street_list": N_("街道的清单"), "seal_anchor": N_("各社区封条的底账"),
}  # fmt: skip


def moment_column(source: str) -> str:
    """The column in which a line of ``source`` says when it was written."""
    return MOMENTS.get(source, "at")
