"""Whoever changes, removes, reorders or plants a line of a log behind the program's back is named by it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from app.faces.jobs import audit as job
from app.matter.actions import record
from app.people.actor import SYSTEM
from app.people.desk import log_change
from app.people.models import ChangeLog
from app.people.street_log import log_street
from app.records import audit, audit_export, audit_sources, audit_verify
from app.records.audit_sources import SOURCES
from tenants import policies
from tenants.database import db
from tests import cast
from tests.conftest import inside, later
from tests.rooms.people import said


def written(now: Any, days: float = 0, count: int = 3) -> None:
    """Some lines of the hall's logs, committed and sealed at once."""
    for number in range(count):
        log_change("hall", "hours", by=SYSTEM, now=later(days=days, hours=number / 10), after=str(number))
    db.session.commit()
    while audit.seal_some(now=later(days=days, hours=1)):
        db.session.commit()
    db.session.commit()


@pytest.fixture
def sealed(app: Any, now: Any) -> Any:
    """Three seals of three lines each, and the street's anchor of the last."""
    with inside(app, cast.HOME):
        matter = said(now)
        record(matter, "noted", by=SYSTEM, now=now, words="看过了", data={"b": 1, "a": [1.5, "叶"]})
        for days in (0, 2, 4):
            written(now, days)
    with inside(app):
        assert len(audit.anchor(now=later(days=4))) == 1
        assert audit.anchor(now=later(days=4)) == []
        db.session.commit()
    with inside(app, cast.HOME) as site:
        yield site.community_id


def behind(superuser: Any, statement: str, **values: Any) -> None:
    """What somebody does with the database owner's password."""
    with superuser.begin() as conn:
        conn.execute(text("set local session_replication_role = replica"))
        assert conn.execute(text(statement), values).rowcount


def found(kind: str = "") -> list[Any]:
    db.session.rollback()
    return [one for one in audit_verify.verify().findings if one.kind == kind or not kind]


def line(what: str = "1", days: float = 2) -> Any:
    return db.session.scalars(
        select(ChangeLog).where(ChangeLog.after == what, ChangeLog.at >= later(days=days)).order_by(ChangeLog.at)
    ).first()


def test_an_untouched_chain_is_whole_and_what_waits_is_no_fault(sealed, superuser):
    report = audit_verify.verify()
    assert (report.is_whole, report.seals, report.anchored, report.waiting) == (True, 3, 3, 0)
    assert report.lines == report.newest.total >= 11
    log_change("hall", "hours", by=SYSTEM, now=later(days=5), after="9")
    db.session.commit()
    assert (audit_verify.verify().waiting, found()) == (1, [])
    assert audit.oldest_waiting() is not None
    assert audit.seal_some(now=later(days=5)) == 1
    db.session.commit()
    assert audit.seal_some(now=later(days=5)) == 0
    assert found() == []


def test_a_changed_line_and_a_removed_one_are_named(sealed, superuser):
    one, other = line("1"), line("2")
    db.session.expunge_all()
    behind(superuser, "update change_log set after = '改' where id = :id", id=one.id)
    behind(superuser, "delete from change_log where id = :id", id=other.id)
    assert [(f.kind, f.source, f.row_id, f.seal, f.at) for f in found()] == [
        ("changed", "change_log", str(one.id), 2, one.at), ("removed", "change_log", str(other.id), 2, other.at),
    ]  # fmt: skip


def test_a_line_taken_away_before_its_seal_is_named(sealed, superuser):
    log_change("hall", "hours", by=SYSTEM, now=later(days=5), after="9")
    db.session.commit()
    gone = line("9").id
    behind(superuser, "delete from change_log where id = :id", id=gone)
    assert audit.seal_some(now=later(days=5)) == 1
    db.session.commit()
    assert [(f.kind, f.row_id) for f in found()] == [("vanished", str(gone))]


def test_reordered_lines_are_named(sealed, superuser):
    swap = "update seal set members = json_build_array(members->1, members->0, members->2) where no = 2"
    behind(superuser, swap)
    assert [(f.kind, f.row_id, f.seal) for f in found()] == [("reordered", str(line("1").id), 2)]


def test_a_removed_seal_and_an_altered_one_are_named(sealed, superuser):
    behind(superuser, "update seal set at = at - interval '1 hour' where no = 3")
    assert [(f.kind, f.seal) for f in found()] == [("seal_changed", 3)]
    behind(superuser, "update seal set at = at + interval '1 hour' where no = 3")
    assert found() == []
    behind(superuser, "delete from seal where no = 2")
    assert [f.seal for f in found("seal_missing")] == [2]
    assert len(found("slipped_in")) == 3


def test_a_cut_tail_shows_by_the_street_s_anchor_alone(sealed, superuser):
    behind(superuser, "delete from change_log where at > :when", when=later(days=3))
    behind(superuser, "delete from seal where no = 3")
    assert [(f.kind, f.seal) for f in found()] == [("tail_cut", 3)]
    behind(superuser, "delete from seal_anchor where no = 3")
    assert found() == []


def test_an_anchor_cannot_be_taken_out_of_the_street_s_own_chain(app, sealed, superuser):
    with inside(app):
        log_street("hall", "open", by=SYSTEM, now=later(), after="南盐道")
        db.session.commit()
        assert audit.seal_some(now=later(days=4)) == 2
        db.session.commit()
        assert found() == []
        behind(superuser, "delete from seal_anchor where no = 3")
        assert [(f.kind, f.source) for f in found()] == [("removed", "seal_anchor")]


PLANT = """insert into change_log (community_id, street_id, id, at, by_label, subject, what, before, after)
select community_id, street_id, '00000000-0000-7000-8000-000000000001', :at, by_label, subject, what, '', 'forged'
from change_log limit 1"""


def test_a_planted_line_with_an_old_date_is_named_whichever_way_it_came(sealed, superuser):
    behind(superuser, PLANT, at=later(hours=1))
    assert [(f.kind, f.at) for f in found()] == [("slipped_in", later(hours=1))]
    behind(superuser, "delete from change_log where after = 'forged'")
    with superuser.begin() as conn:
        conn.execute(text(PLANT), {"at": later(hours=1)})
    assert audit.seal_some(now=later(days=6)) == 1
    db.session.commit()
    assert [(f.kind, f.seal) for f in found()] == [("late", 4)]


def test_what_was_there_before_the_first_seal_is_adopted(app, now, superuser):
    with inside(app, cast.HOME):
        for number in range(520):
            log_change("hall", "hours", by=SYSTEM, now=later(days=number / 10), after=str(number))
        db.session.commit()
        behind(superuser, "delete from seal_queue")
        while audit.seal_some(now=later(days=90)):
            db.session.commit()
        report = audit_verify.verify()
        assert (report.is_whole, report.seals) == (True, 2)


def test_nobody_may_change_a_seal(sealed):
    for statement in (
        "update seal set no = 9",
        "delete from seal",
        "insert into seal_anchor select * from seal_anchor",
    ):
        with pytest.raises(Exception, match="permission denied"):
            db.session.execute(text(statement))
        db.session.rollback()


@pytest.mark.usefixtures("app")
def test_every_append_only_table_is_sealed_whole_and_no_ballot_is():
    """A new log is sealed by itself; its columns must be listed, and nothing of the vote may ever stand here."""
    listed = {source: chain for chain, sources in SOURCES.items() for source in sources}
    assert policies.sealed() == listed, "list the columns of the new log in app/records/audit_sources.py"
    assert not audit_sources.NEVER & set(listed)
    assert set(audit_sources.LABELS) == set(listed)
    for source, chain in listed.items():
        table, key = db.metadata.tables[source], {"id", "street_id", f"{chain}_id"}
        assert set(SOURCES[chain][source][-1]) == set(table.c.keys()) - key, f"{source}: add a version of its columns"
        pointed = {key.column.table.name for key in table.foreign_keys}
        assert not pointed & {"box_paper", "vote"}, f"{source} must not know a vote"
    reasons = [m.class_.__unsealed__ for m in db.Model.registry.mappers if hasattr(m.class_, "__unsealed__")]
    assert reasons
    assert min(map(len, reasons)) > 10


def test_an_exported_file_is_verified_without_a_database(app, sealed, superuser, tmp_path):
    rows = list(audit_export.export("nanyandao", since=None, until=None, now=later(days=5), words=True))
    head, report, hashes = audit_export.verify_file(rows)
    assert (head["chain"], report.seals, report.is_whole) == (f"community:{sealed}", 3, True)
    audit_export.against_database(hashes, report)
    assert report.is_whole
    later_only = audit_export.export("n", since=later(days=3), until=None, now=later(days=5), words=False)
    assert audit_export.verify_file(later_only)[1].seals == 1

    def kinds_in(changed: list[bytes]) -> set[str]:
        return {one.kind for one in audit_export.verify_file(changed)[1].findings}

    at = next(n for n, row in enumerate(rows) if "看过了".encode() in row)
    assert kinds_in([*rows[:at], rows[at].replace("看过了".encode(), "没看过".encode()), *rows[at + 1 :]]) == {
        "changed", "file_changed",
    }  # fmt: skip
    assert "file_cut" in kinds_in(rows[:-1])
    with pytest.raises(audit_export.BadFile):
        audit_export.verify_file([b"{}"])
    # A file kept elsewhere shows the cut that the database alone could not.
    behind(superuser, "delete from seal_anchor")
    behind(superuser, "delete from seal where no = 3")
    report = audit_export.verify_file(rows)[1]
    audit_export.against_database(hashes, report)
    assert [(one.kind, one.seal) for one in report.findings] == [("tail_cut", 3)]
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(rows))
    run = app.test_cli_runner()
    db.session.remove()
    assert run.invoke(args=["audit", "verify", "--file", str(path)]).exit_code == 0
    printed = ["audit", "verify", "--community", cast.HOME, "--paper"]
    assert "written anew" not in run.invoke(args=[*printed, f"1:{hashes[1]}"]).output
    assert "written anew" in run.invoke(args=[*printed, f"1:{hashes[2]}"]).output
    said = run.invoke(args=["audit", "verify", "--community", cast.HOME])
    assert said.exit_code == 1
    assert "change_log" in said.output
    assert run.invoke(args=["audit", "seal"]).exit_code == 0
    # The street's own chain knows that its anchor was taken out.
    assert "seal_anchor" in run.invoke(args=["audit", "verify", "--street"]).output


def test_the_job_seals_and_the_page_verifies(app, browse, superuser):
    desk, street = browse(cast.HOME, "jiandu"), browse("", "guanli")
    with inside(app, cast.HOME):
        job.seal()
        changed = db.session.scalar(select(ChangeLog.id).limit(1)) or None
    with inside(app):
        job.anchor()
    assert "还没有核过" in desk.get("/desk/audit").get_data(as_text=True)
    assert desk.post("/desk/audit/checks").status_code == 303
    assert "排着队" in desk.get("/desk/audit").get_data(as_text=True)
    with inside(app, cast.HOME):
        job.check()
    assert "一行都没动过" in desk.get("/desk/audit").get_data(as_text=True)
    if changed:
        behind(superuser, "update change_log set what = 'x' where id = :id", id=changed)
    with inside(app, cast.HOME):
        job.check()
    page = desk.get("/desk/audit").get_data(as_text=True)
    assert str(changed) in page
    assert "封好以后被改过" in page
    assert desk.get("/desk/audit/progress").json["state"] == "done"
    assert audit_export.verify_file(desk.post("/desk/audit/files").data.splitlines(keepends=True))[1].is_whole
    assert "最新的封条" in desk.get("/desk/audit/paper").get_data(as_text=True)
    assert "南盐道社区" in street.get("/audit").get_data(as_text=True)
    assert street.post("/audit/checks").status_code == 303
    assert browse(cast.HOME, "xiaoli").get("/desk/audit").status_code == 403
    assert browse(cast.NEXT, "shuji").get("/desk/audit/progress").json["state"] == "lost"
