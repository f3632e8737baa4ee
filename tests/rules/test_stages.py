"""The table of the life-cycle against domain.md section 2 and the demo street's histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.matter.deadlines import DEFAULTS, Deadline, days, hours, working_days
from app.matter.stages import (
    END_STAGES,
    LABELS,
    MOVES,
    Kind,
    Level,
    Power,
    Situation,
    Stage,
    Track,
    Triage,
    Visibility,
    deadline,
    find,
    may,
    missing,
    moves_from,
    public_step,
    target_of,
    who,
)
from app.people.roles import COMMUNITY_STAFF, ROLE_LABELS, Role

from .tales import RESOLVED, SAT, TALES, TRIAGED, Act, Tale

S, R = Stage, Role
REASON = "墙体有裂缝，要先请产权单位看。"


def at(stage: Stage, evidence: str = "", **facts: object) -> Situation:
    return replace(Situation(stage, evidence=frozenset(evidence.split())), **facts)  # type: ignore[arg-type]


def steps(tale: Tale) -> Iterator[tuple[Act, Situation]]:
    """Each act with the situation it happens in, carrying exactly that act's evidence."""
    now = tale.start
    for act in tale.acts:
        yield act, replace(now, evidence=frozenset(act.evidence.split()))
        now = replace(now, stage=act.then, **act.changed)


@pytest.mark.parametrize("name", TALES)
def test_a_history_walks_through(name: str) -> None:
    for act, situation in steps(TALES[name]):
        verdict = may(act.verb, situation, act.role, REASON)
        assert verdict, (act.verb, verdict.reason, verdict.values)
        assert target_of(act.verb, situation) is act.then


@pytest.mark.parametrize("name", TALES)
def test_a_history_stops_when_one_piece_is_taken_away(name: str) -> None:
    for act, situation in steps(TALES[name]):
        for key in situation.evidence:
            poorer = replace(situation, evidence=situation.evidence - {key})
            verdict = may(act.verb, poorer, act.role, REASON)
            assert not verdict, f"{act.verb} went through without {key}"
            assert [need.key for need in missing(act.verb, poorer)] == [key]


@pytest.mark.parametrize("name", TALES)
def test_a_history_needs_the_right_people(name: str) -> None:
    for act, situation in steps(TALES[name]):
        for stranger in (R.STREET_ADMIN, R.STREET_SUPERVISOR, R.EXPERT, R.AFFAIRS_SUPERVISOR):
            assert not may(act.verb, situation, stranger, REASON), (act.verb, stranger)


def test_every_stage_can_be_reached() -> None:
    reached, edge = {S.COLLECTED}, [S.COLLECTED]
    while edge:
        stage = edge.pop()
        for move in MOVES:
            if stage in move.sources and move.target and move.target not in reached:
                reached.add(move.target)
                edge.append(move.target)
    assert reached == set(Stage)


def test_every_open_stage_has_an_exit_and_every_end_is_one() -> None:
    exits = {stage: [m.name for m in MOVES if stage in m.sources] for stage in Stage}
    assert all(exits[stage] for stage in set(Stage) - END_STAGES)
    assert {stage: names for stage, names in exits.items() if stage in END_STAGES and names} == {
        S.NOT_ACCEPTED: ["ask_review", "reconsider"],
        S.MERGED: ["unmerge"],
        S.WITHDRAWN: ["reopen"],
    }


def test_a_verb_has_one_meaning_in_each_stage() -> None:
    counted = Counter((move.name, source) for move in MOVES for source in move.sources)
    assert max(counted.values()) == 1


def test_every_need_key_has_one_label() -> None:
    labels = {(need.key, need.label) for move in MOVES for need in move.needs}
    assert max(Counter(key for key, _ in labels).values()) == 1


def test_every_stage_and_role_has_a_chinese_name() -> None:
    assert set(LABELS) == set(Stage)
    assert set(ROLE_LABELS) == set(Role)


#: domain.md section 2, column "who moves it → next": the arrows, once each.
ARROWS = {
    S.COLLECTED: "submitted answered merged referred withdrawn",
    S.SUBMITTED: "accepted needs_info not_accepted referred merged withdrawn",
    S.NEEDS_INFO: "submitted withdrawn referred merged",
    S.ACCEPTED: "topic_confirmed deliberating implementing referred merged withdrawn terminated",
    S.TOPIC_CONFIRMED: "surveying scheduled referred merged withdrawn terminated",
    S.SURVEYING: "scheduled suspended referred merged withdrawn terminated",
    S.SCHEDULED: "deliberating scheduled referred merged withdrawn terminated",
    S.DELIBERATING: "voting decided surveying suspended scheduled referred merged withdrawn terminated",
    S.VOTING: "decided not_passed scheduled referred merged terminated",
    S.NOT_PASSED: "topic_confirmed closed referred merged terminated",
    S.DECIDED: "ratifying publicized implementing terminated",
    S.RATIFYING: "publicized not_passed terminated",
    S.PUBLICIZED: "implementing surveying terminated",
    S.IMPLEMENTING: "verifying suspended terminated",
    S.VERIFYING: "reviewing implementing terminated",
    S.REVIEWING: "closed implementing surveying terminated",
    S.CLOSED: "archived submitted",
    S.ARCHIVED: "",
    S.NOT_ACCEPTED: "not_accepted submitted",
    S.WITHDRAWN: "submitted",
    S.ANSWERED: "",
    S.REFERRED: "",
    S.MERGED: "submitted",
    S.TERMINATED: "",
}


@pytest.mark.parametrize("stage", ARROWS)
def test_arrows(stage: Stage) -> None:
    targets = {str(move.target) for move in MOVES if stage in move.sources}
    assert targets == set(ARROWS[stage].split())


@pytest.mark.parametrize(
    "target",
    [S.NEEDS_INFO, S.NOT_ACCEPTED, S.REFERRED, S.MERGED, S.WITHDRAWN, S.TERMINATED, S.NOT_PASSED, S.SUSPENDED],
)
def test_a_returned_or_stopped_matter_always_shows_a_human_reason(target: Stage) -> None:
    moves = [move for move in MOVES if move.target is target]
    assert moves
    assert all(move.reason_required for move in moves)


def test_a_blank_reason_is_refused_only_by_the_action() -> None:
    situation = at(S.SUBMITTED, "negative_item right_door")
    assert may("refuse", situation, R.SECRETARY)
    assert not may("refuse", situation, R.SECRETARY, "  ")
    assert may("refuse", situation, R.SECRETARY, REASON)


STAFF = "secretary community_worker grid_leader grid_worker"
SPEAKERS = f"{STAFF} proposer resident council_member building_steward system"
RECORD = "triage level responsible decision_power"

#: Who may move, and what must be on record, for every arrow; conditional pieces are listed too.
ROWS = [
    ("submit", S.COLLECTED, SPEAKERS, "channel words place speaker_consent"),
    ("answer", S.COLLECTED, STAFF, "reply"),
    ("merge", S.COLLECTED, STAFF, "merged_into proposers_kept"),
    ("refer", S.COLLECTED, "secretary", "receiver call_back_date"),
    ("accept", S.SUBMITTED, "secretary community_worker", "kind category place wish signers"),
    ("ask_for_more", S.SUBMITTED, "secretary community_worker", "missing_said"),
    ("refuse", S.SUBMITTED, "secretary community_worker", "negative_item right_door"),
    ("supply", S.NEEDS_INFO, "proposer", "info_supplied"),
    ("lapse", S.NEEDS_INFO, "system", "time_ran_out"),
    ("reopen", S.WITHDRAWN, "proposer", "info_supplied"),
    ("ask_review", S.NOT_ACCEPTED, "proposer", ""),
    ("reconsider", S.NOT_ACCEPTED, "secretary community_worker system", "review_upheld"),
    ("unmerge", S.MERGED, "secretary community_worker", "target_lives"),
    ("confirm_topic", S.ACCEPTED, "secretary", RECORD),
    ("open_sitting", S.ACCEPTED, "secretary convener chair", RECORD),
    ("implement", S.ACCEPTED, "secretary", f"{RECORD} commitments"),
    ("survey", S.TOPIC_CONFIRMED, "secretary community_worker", "question stakeholders party_first"),
    ("schedule", S.TOPIC_CONFIRMED, "secretary community_worker", "question stakeholders party_first"),
    ("schedule", S.SURVEYING, STAFF, "site_note two_options canvass expert_opinion"),
    ("open_sitting", S.SCHEDULED, "secretary convener chair",
     "agenda time_and_place invitees rule_and_base materials notice_given"),
    ("postpone", S.SCHEDULED, "secretary convener chair", "time_and_place"),
    ("call_vote", S.DELIBERATING, "chair", "attendance quorum minutes options_as_put"),
    ("agree", S.DELIBERATING, "chair", "attendance minutes options_as_put consensus agreement"),
    ("redeliberate", S.DELIBERATING, "chair", "attendance minutes"),
    ("adjourn", S.DELIBERATING, "chair", "attendance minutes quorum_lost"),
    ("adopt", S.VOTING, "teller scrutineer", "tally counted_by_two passed"),
    ("reject", S.VOTING, "teller scrutineer", "tally counted_by_two failed"),
    ("adjourn", S.VOTING, "chair teller scrutineer", "quorum_lost"),
    ("bring_back", S.NOT_PASSED, "proposer secretary", "new_facts cooling_over"),
    ("close", S.NOT_PASSED, "secretary", "closing_note"),
    ("ratify", S.DECIDED, "secretary", RESOLVED),
    ("publicize", S.DECIDED, "secretary", RESOLVED),
    ("implement", S.DECIDED, "secretary", f"{RESOLVED} posting_started"),
    ("publicize", S.RATIFYING, "chair", "party_study body_quorum body_tally passed"),
    ("reject", S.RATIFYING, "chair", "party_study body_tally failed"),
    ("implement", S.PUBLICIZED, "system", "window_ended objections_answered"),
    ("redeliberate", S.PUBLICIZED, "secretary", "objection_upheld"),
    ("hand_over", S.IMPLEMENTING, "task_owner", "commitments all_done progress_note money_recorded"),
    ("verify", S.VERIFYING, "grid_leader grid_worker", "all_verified resident_witness cost_compared"),
    ("send_back", S.VERIFYING, "grid_leader grid_worker", "fault_found"),
    ("close", S.REVIEWING, STAFF, "ratings low_rating_reason low_followed satisfied_enough evaluation closing_note"),
    ("rework", S.REVIEWING, STAFF, "ratings low_rating_reason"),
    ("redeliberate", S.REVIEWING, STAFF, "ratings low_rating_reason"),
    ("archive", S.CLOSED, "secretary community_worker system", "closing_note retention"),
    ("reopen", S.CLOSED, "secretary community_worker proposer", "new_facts"),
    ("suspend", S.SURVEYING, "secretary street_admin", "outside_cause review_date"),
    ("resume", S.SUSPENDED, "secretary street_admin", ""),
    ("refer", S.SUBMITTED, "secretary community_worker", "receiver call_back_date"),
    ("merge", S.SUBMITTED, "secretary community_worker", "merged_into proposers_kept"),
    ("refer", S.VOTING, "secretary", "receiver call_back_date"),
    ("merge", S.VOTING, "secretary", "merged_into proposers_kept"),
    ("withdraw", S.SCHEDULED, "proposer", ""),
    ("terminate", S.PUBLICIZED, "secretary street_admin", "end_notice other_routes"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "stage", "roles", "needs"), ROWS)
def test_who_moves_and_what_it_takes(verb: str, stage: Stage, roles: str, needs: str) -> None:
    move = find(verb, stage)
    assert move is not None
    assert {str(role) for role in move.roles} == set(roles.split())
    assert [need.key for need in move.needs] == needs.split()


def test_no_arrow_is_left_out_of_the_rows() -> None:
    assert {find(verb, stage) for verb, stage, _, _ in ROWS} == set(MOVES)


# The four triage paths.


@pytest.mark.parametrize(
    ("triage", "offered"),
    [
        (Triage.MINOR, True),
        (Triage.URGENT, True),
        (Triage.HARD, False),
        (Triage.MAJOR, False),
        (None, False),
    ],
)
def test_only_small_and_urgent_matters_sit_down_at_once(triage: Triage | None, offered: bool) -> None:
    assert bool(may("open_sitting", at(S.ACCEPTED, TRIAGED, triage=triage), R.CONVENER)) is offered


def test_a_quarrel_is_mediated_at_once_agreed_in_private_and_never_posted() -> None:
    quarrel = {"track": Track.MEDIATION, "visibility": Visibility.PARTIES, "triage": Triage.HARD}
    assert may("open_sitting", at(S.ACCEPTED, TRIAGED, **quarrel), R.CONVENER)
    sat = "attendance minutes options_as_put"
    assert not may("agree", at(S.DELIBERATING, f"{sat} consensus", **quarrel), R.CHAIR)
    assert may("agree", at(S.DELIBERATING, f"{sat} agreement", **quarrel), R.CHAIR)
    assert not may("publicize", at(S.DECIDED, RESOLVED, **quarrel), R.SECRETARY)
    assert may("implement", at(S.DECIDED, RESOLVED, **quarrel), R.SECRETARY)


def test_a_failed_mediation_tells_the_other_routes() -> None:
    quarrel = at(S.DELIBERATING, "end_notice", track=Track.MEDIATION)
    assert [need.key for need in missing("terminate", quarrel)] == ["other_routes"]
    assert missing("terminate", at(S.DELIBERATING, "end_notice")) == ()


def test_a_hard_matter_is_surveyed_and_hears_an_expert() -> None:
    topic = "question stakeholders"
    assert not may("schedule", at(S.TOPIC_CONFIRMED, topic, triage=Triage.HARD), R.COMMUNITY_WORKER)
    assert may("schedule", at(S.TOPIC_CONFIRMED, topic, triage=Triage.MINOR), R.COMMUNITY_WORKER)
    found = "site_note two_options canvass"
    assert not may("schedule", at(S.SURVEYING, found, triage=Triage.HARD), R.GRID_WORKER)
    assert may("schedule", at(S.SURVEYING, found, triage=Triage.MAJOR), R.GRID_WORKER)


def test_a_major_matter_is_voted_on() -> None:
    agreed = "attendance minutes options_as_put consensus"
    assert not may("agree", at(S.DELIBERATING, agreed, triage=Triage.MAJOR), R.CHAIR)
    assert may("agree", at(S.DELIBERATING, agreed, triage=Triage.HARD), R.CHAIR)


@pytest.mark.parametrize("power", [Power.RESIDENTS, Power.OWNERS])
def test_beyond_the_councils_power_it_goes_to_the_larger_body(power: Power) -> None:
    decided = at(S.DECIDED, f"{RESOLVED} posting_started", decision_power=power, triage=Triage.MAJOR)
    assert may("ratify", decided, R.SECRETARY)
    assert not may("publicize", decided, R.SECRETARY)
    assert not may("implement", decided, R.SECRETARY)
    assert not may("implement", replace(decided, level=Level.GRID, triage=Triage.MINOR), R.SECRETARY)
    passed = "party_study body_quorum body_tally passed"
    assert may("publicize", at(S.RATIFYING, passed, decision_power=power), R.CHAIR)
    for key in passed.split():
        assert not may("publicize", at(S.RATIFYING, passed.replace(key, ""), decision_power=power), R.CHAIR)


def test_the_council_does_not_ratify_what_it_may_decide() -> None:
    assert not may("ratify", at(S.DECIDED, RESOLVED, decision_power=Power.COUNCIL), R.SECRETARY)


def test_a_residents_meeting_is_flagged_for_the_party_organisation_first() -> None:
    topic = at(S.TOPIC_CONFIRMED, "question stakeholders", decision_power=Power.RESIDENTS)
    assert [need.key for need in missing("survey", topic)] == ["party_first"]


def test_what_the_law_has_settled_is_not_put_to_anyone() -> None:
    settled = {"decision_power": Power.LAW, "triage": Triage.MINOR}
    assert not may("confirm_topic", at(S.ACCEPTED, TRIAGED, **settled), R.SECRETARY)
    assert not may("open_sitting", at(S.ACCEPTED, TRIAGED, **settled), R.CONVENER)
    assert not may("call_vote", at(S.DELIBERATING, SAT, **settled), R.CHAIR)
    assert may("refer", at(S.ACCEPTED, "receiver call_back_date", **settled), R.SECRETARY)


@pytest.mark.parametrize("triage", list(Triage))
@pytest.mark.parametrize("level", list(Level))
def test_the_posting_runs_alongside_only_for_small_and_urgent_matters_of_the_grid(triage: Triage, level: Level) -> None:
    decided = at(S.DECIDED, f"{RESOLVED} posting_started", triage=triage, level=level, decision_power=Power.COUNCIL)
    expected = level is Level.GRID and triage in (Triage.MINOR, Triage.URGENT)
    assert bool(may("implement", decided, R.SECRETARY)) is expected


def test_the_short_cut_is_for_the_secretarys_projects_and_plain_duty() -> None:
    ready = f"{TRIAGED} commitments"
    assert not may("implement", at(S.ACCEPTED, ready, triage=Triage.MINOR), R.SECRETARY)
    for fact in ("is_secretary_project", "is_plain_duty"):
        situation = at(S.ACCEPTED, ready, triage=Triage.MINOR, **{fact: True})
        assert may("implement", situation, R.SECRETARY)
        assert not may("implement", replace(situation, evidence=frozenset(TRIAGED.split())), R.SECRETARY)


# Windows.

BEFORE_VOTING = {
    S.COLLECTED, S.SUBMITTED, S.NEEDS_INFO, S.ACCEPTED, S.TOPIC_CONFIRMED, S.SURVEYING, S.SCHEDULED, S.DELIBERATING,
}  # fmt: skip


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not S.SUSPENDED])
def test_windows(stage: Stage) -> None:
    everything = "receiver call_back_date merged_into proposers_kept end_notice outside_cause review_date"
    situation = at(stage, everything)
    assert bool(may("withdraw", situation, R.PROPOSER, REASON)) is (stage in BEFORE_VOTING)
    before_decided = BEFORE_VOTING | {S.VOTING, S.NOT_PASSED}
    assert bool(may("refer", situation, R.SECRETARY, REASON)) is (stage in before_decided)
    assert bool(may("merge", situation, R.SECRETARY, REASON)) is (stage in before_decided)
    untouched = {S.COLLECTED, S.SUBMITTED, S.NEEDS_INFO, S.CLOSED} | END_STAGES
    assert bool(may("terminate", situation, R.SECRETARY, REASON)) is (stage not in untouched)
    pausing = {S.SURVEYING, S.DELIBERATING, S.IMPLEMENTING}
    assert bool(may("suspend", situation, R.SECRETARY, REASON)) is (stage in pausing)


@pytest.mark.parametrize(
    ("came_from", "open_window"), [(S.SURVEYING, True), (S.DELIBERATING, True), (S.IMPLEMENTING, False)]
)
def test_suspending_does_not_reopen_a_window(came_from: Stage, open_window: bool) -> None:
    everything = "receiver call_back_date merged_into proposers_kept end_notice"
    paused = at(S.SUSPENDED, everything, suspended_from=came_from)
    for verb, role in (("refer", R.SECRETARY), ("merge", R.SECRETARY), ("withdraw", R.PROPOSER)):
        assert bool(may(verb, paused, role, REASON)) is open_window
    assert may("terminate", paused, R.SECRETARY, REASON)
    assert may("resume", paused, R.SECRETARY, REASON)
    assert target_of("resume", paused) is came_from


def test_a_joint_proposal_stands_while_two_still_sign() -> None:
    assert not may("withdraw", at(S.SUBMITTED, kind=Kind.JOINT, signers=2), R.PROPOSER, REASON)
    assert may("withdraw", at(S.SUBMITTED, kind=Kind.JOINT, signers=1), R.PROPOSER, REASON)


def test_after_triage_only_the_secretary_refers_and_merges() -> None:
    ready = "receiver call_back_date merged_into proposers_kept"
    for verb in ("refer", "merge"):
        assert may(verb, at(S.SUBMITTED, ready), R.COMMUNITY_WORKER, REASON)
        assert not may(verb, at(S.ACCEPTED, ready), R.COMMUNITY_WORKER, REASON)


# Once only, and by whom.


def test_more_is_asked_for_once() -> None:
    assert may("ask_for_more", at(S.SUBMITTED, "missing_said"), R.COMMUNITY_WORKER, REASON)
    assert not may("ask_for_more", at(S.SUBMITTED, "missing_said", asked_for_more=True), R.COMMUNITY_WORKER, REASON)


def test_a_refusal_is_reviewed_once_and_taken_up_only_when_upheld() -> None:
    assert may("ask_review", at(S.NOT_ACCEPTED), R.PROPOSER, REASON)
    assert not may("ask_review", at(S.NOT_ACCEPTED, review_asked=True), R.PROPOSER, REASON)
    assert not may("reconsider", at(S.NOT_ACCEPTED, review_asked=True), R.SECRETARY)
    assert may("reconsider", at(S.NOT_ACCEPTED, "review_upheld", review_asked=True), R.SECRETARY)


def test_silence_lapses_by_the_timer_and_only_that_reopens() -> None:
    assert not may("lapse", at(S.NEEDS_INFO), R.SYSTEM, REASON)
    assert may("lapse", at(S.NEEDS_INFO, "time_ran_out"), R.SYSTEM, REASON)
    assert may("reopen", at(S.WITHDRAWN, "info_supplied", lapsed=True), R.PROPOSER)
    assert not may("reopen", at(S.WITHDRAWN, "info_supplied"), R.PROPOSER)


def test_the_street_moves_only_what_it_leads() -> None:
    paused = at(S.SURVEYING, "outside_cause review_date end_notice")
    for verb in ("suspend", "terminate"):
        verdict = may(verb, paused, R.STREET_ADMIN, REASON)
        assert not verdict
        assert "催办" in verdict.reason
        assert may(verb, replace(paused, led_by_street=True), R.STREET_ADMIN, REASON)
    assert not any(R.STREET_SUPERVISOR in move.roles for move in MOVES)


def test_nobody_verifies_their_own_work_nor_counts_their_own_vote() -> None:
    done = at(S.VERIFYING, "all_verified resident_witness")
    assert may("verify", done, R.GRID_WORKER)
    assert not may("verify", done, {R.GRID_WORKER, R.TASK_OWNER})
    counted = at(S.VOTING, "tally counted_by_two passed")
    assert may("adopt", counted, {R.TELLER, R.COMMUNITY_WORKER})
    assert not may("adopt", counted, {R.TELLER, R.PROPOSER})


def test_words_typed_for_another_need_their_consent() -> None:
    spoken = at(S.COLLECTED, "channel words place", entered_for_another=True)
    assert [need.key for need in missing("submit", spoken)] == ["speaker_consent"]


def test_a_low_result_is_put_right_twice_at_most() -> None:
    rated = at(S.REVIEWING, "ratings low_rating_reason low_followed evaluation closing_note", low_rating=True)
    assert not may("close", rated, R.GRID_WORKER)
    assert not may("close", replace(rated, reworks=1), R.GRID_WORKER)
    assert may("close", replace(rated, reworks=2), R.GRID_WORKER)


def test_the_same_text_cools_for_thirty_days() -> None:
    assert may("bring_back", at(S.NOT_PASSED, "new_facts"), R.PROPOSER, REASON)
    assert not may("bring_back", at(S.NOT_PASSED, "new_facts", same_text=True), R.PROPOSER, REASON)
    assert may("bring_back", at(S.NOT_PASSED, "new_facts cooling_over", same_text=True), R.PROPOSER, REASON)


def test_an_upheld_objection_goes_back_to_the_survey() -> None:
    assert not may("redeliberate", at(S.PUBLICIZED), R.SECRETARY, REASON)
    assert may("redeliberate", at(S.PUBLICIZED, "objection_upheld"), R.SECRETARY, REASON)


# What a page asks.


def test_a_page_lists_exits_before_the_papers_are_there_and_only_for_the_reader() -> None:
    situation = at(S.SUBMITTED)
    assert [m.name for m in moves_from(situation, R.COMMUNITY_WORKER)] == [
        "accept", "ask_for_more", "refuse", "merge", "refer",
    ]  # fmt: skip
    assert [m.name for m in moves_from(situation, R.PROPOSER)] == ["withdraw"]
    assert moves_from(situation, R.STREET_SUPERVISOR) == []


def test_a_refusal_names_what_is_missing_and_who_does_it() -> None:
    verdict = may("verify", at(S.VERIFYING, "all_verified"), R.GRID_WORKER)
    assert verdict.reason % verdict.values == "还缺：一位居民一起核验"
    verdict = may("verify", at(S.VERIFYING), R.RESIDENT)
    assert verdict.reason % verdict.values == "「核验通过」要由网格长、网格员来做"
    verdict = may("verify", at(S.COLLECTED), R.GRID_WORKER)
    assert verdict.reason % verdict.values == "「已收集」这一步不能「核验通过」"


def test_who_names_roles_in_order() -> None:
    close = next(move for move in MOVES if move.name == "close" and S.REVIEWING in move.sources)
    assert close.roles == COMMUNITY_STAFF
    assert who(close) == ("社区书记", "社区工作者", "网格长", "网格员")


def test_an_unknown_verb_is_a_mistake_in_the_program() -> None:
    with pytest.raises(KeyError):
        may("abracadabra", at(S.COLLECTED), R.SECRETARY)
    with pytest.raises(ValueError, match="does not lead out"):
        target_of("close", at(S.COLLECTED))


@pytest.mark.parametrize(
    ("stage", "triage", "expected"),
    [
        (S.COLLECTED, None, working_days(2)),
        (S.SUBMITTED, None, working_days(3)),
        (S.SUBMITTED, Triage.URGENT, hours(24)),
        (S.NEEDS_INFO, None, days(7)),
        (S.ACCEPTED, Triage.MINOR, working_days(5)),
        (S.ACCEPTED, Triage.URGENT, hours(24)),
        (S.TOPIC_CONFIRMED, None, working_days(10)),
        (S.SURVEYING, Triage.HARD, working_days(10)),
        (S.SCHEDULED, Triage.URGENT, hours(72)),
        (S.SCHEDULED, Triage.MAJOR, None),
        (S.VOTING, None, days(7)),
        (S.NOT_PASSED, None, days(30)),
        (S.DECIDED, None, working_days(3)),
        (S.PUBLICIZED, None, days(7)),
        (S.SUSPENDED, None, days(30)),
        (S.VERIFYING, None, working_days(3)),
        (S.REVIEWING, None, working_days(10)),
        (S.NOT_ACCEPTED, None, working_days(5)),
        (S.REFERRED, None, working_days(2)),
        (S.IMPLEMENTING, None, None),
        (S.CLOSED, None, None),
    ],
)
def test_default_deadlines(stage: Stage, triage: Triage | None, expected: Deadline | None) -> None:
    assert deadline(stage, triage) == expected


def test_a_hall_sets_its_own_deadlines_without_slowing_urgent_matters() -> None:
    own = {"accepted": working_days(8)}
    assert deadline(S.ACCEPTED, Triage.MINOR, own) == working_days(8)
    assert deadline(S.ACCEPTED, Triage.URGENT, own) == hours(24)
    assert deadline(S.ACCEPTED, Triage.URGENT, {"accepted.urgent": hours(12)}) == hours(12)


def test_every_deadline_key_names_a_stage_and_a_triage() -> None:
    for key in DEFAULTS:
        stage, _, triage = key.partition(".")
        assert stage in set(Stage)
        assert not triage or triage in set(Triage)


@pytest.mark.parametrize(
    ("stage", "number", "label"),
    [
        (S.COLLECTED, 2, "问题收集"), (S.SUBMITTED, 2, "问题收集"), (S.ACCEPTED, 3, "确定议题"),
        (S.TOPIC_CONFIRMED, 3, "确定议题"), (S.SURVEYING, 4, "调查研究"), (S.SCHEDULED, 5, "开展协商"),
        (S.DELIBERATING, 5, "开展协商"), (S.VOTING, 5, "开展协商"), (S.DECIDED, 5, "开展协商"),
        (S.PUBLICIZED, 6, "成果落实"), (S.IMPLEMENTING, 6, "成果落实"), (S.VERIFYING, 7, "评议"),
        (S.REVIEWING, 7, "评议"), (S.CLOSED, 7, "评议"), (S.ARCHIVED, 7, "评议"),
    ],
)  # fmt: skip
def test_the_seven_public_steps(stage: Stage, number: int, label: str) -> None:
    assert public_step(stage) == (number, label)
    assert public_step(stage, S.COLLECTED) == (number, label)


def test_a_paused_or_ended_matter_stays_on_the_step_it_had_reached() -> None:
    assert public_step(S.SUSPENDED, S.IMPLEMENTING).number == 6
    assert public_step(S.TERMINATED, S.SURVEYING).number == 4
    assert all(1 <= public_step(stage).number <= 7 for stage in Stage)
