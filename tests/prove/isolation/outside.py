"""What lies outside the database's policies: jobs, Redis, files, sessions, threads, headers, and the cost of a 404."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from rq import SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import event

from app import clock
from app.faces.jobs.periodic import PERIODICS
from tenants import live
from tenants.database import db
from tenants.hosts import find_site
from tenants.queue import enqueue_round, queue, redis
from tenants.scope import Scope, bound
from tests.prove.isolation.doors import readable
from tests.prove.isolation.quarter import HERE, HOME, NEXT, OTHERS, THERE, Quarter, Visitor, open_quarter
from tests.prove.isolation.rounds import fingerprint
from tests.rooms.stage_setting import matter_at

HALLS = ((HERE, HOME), (HERE, NEXT), (THERE, NEXT))
#: What belongs to the whole machine: the scheduler's lock, the worker's pulse, and the queue's own bookkeeping, whose
#: payloads are looked into one by one.
OF_THE_MACHINE = re.compile(r"(yql:(scheduler(:heartbeat)?|worker:heartbeat|outbox|jobs)|rq:.*)$")
#: What differs between two answers to the same question: the page's nonce and the code of the request.
NOISE = re.compile(r'nonce="[\w-]+"|[0-9a-f]{12}')
Figure = Callable[[str], None]


def title_of(base: str, slug: str) -> str:
    """A title that stands in one hall only."""
    return f"只在{slug}（{base}）的一件事"


@pytest.fixture(scope="module")
def told_apart(place: dict[str, Any]) -> Iterator[Quarter]:
    """Two streets and three halls with the same staff; one matter in each under the same number, told by its title."""
    found = open_quarter(
        place | {"redis": f"{place['redis'].split('?')[0]}?db=9"}, "outside", "host", planted=frozenset(),
        RATELIMIT_ENABLED=True, TRUST_PROXY=True,
    )  # fmt: skip
    with found.app.app_context():
        for at in HALLS:
            with bound(find_site(found.app, *at).scope):
                matter_at("surveying", now=clock.now(), number="GX20260001", title=title_of(*at), visibility="public")
                db.session.commit()
                db.session.remove()
    yield found
    found.close()


@pytest.fixture(scope="module")
def beside(place: dict[str, Any]) -> Iterator[Quarter]:
    """The same halls, with a row in every table of both halls that 电业 may not see."""
    found = open_quarter(
        place | {"redis": f"{place['redis'].split('?')[0]}?db=10"}, "beside", "host", planted=OTHERS
    )  # fmt: skip
    yield found
    found.close()


def test_halls_in_one_worker_never_see_each_other_however_they_are_mixed(told_apart: Quarter, figure: Figure) -> None:
    """Eight threads share the pools, the identity maps and the caches; each asks another hall with every request."""
    pages = ("/desk", "/matters", "/", "/matters?q=一件事", "/desk/matters", "/desk/today")

    def visit(number: int) -> tuple[int, int]:
        browsers = {at: told_apart.visit(*at, "shuji") for at in HALLS}
        own = 0
        for turn in range(24):
            at = HALLS[(number + turn) % 3]
            said = readable(browsers[at].get(pages[turn % len(pages)]))
            others = [title_of(*other) for other in HALLS if other != at]
            assert not any(title in said for title in others), f"{at} at {pages[turn % len(pages)]}"
            own += title_of(*at) in said
        return 24, own

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(visit, range(8)))
    asked, own = sum(d[0] for d in done), sum(d[1] for d in done)
    assert own > asked / 3, "hardly any page showed its own hall's matter, so the others could not have shown either"
    figure(f"threads: {asked} pages of three halls mixed in eight threads; {own} showed their own hall's matter")


def stir(quarter: Quarter) -> None:
    """Let every hall leave something in Redis and on the disk: drafts with a photo, wrong codes, jobs, live numbers."""
    photo = BytesIO()
    Image.new("RGB", (40, 30), "red").save(photo, "JPEG")
    for base, slug in HALLS:
        anyone = Visitor(quarter.app, base, slug)
        anyone.get("/say")
        anyone.post("/track", {"code": "000011112222"})
        anyone.post("/join", {"name": "谁", "code": "WRONG22222", "adult": "y"})
        sent = {"words": "楼道灯坏了", "photos": (BytesIO(photo.getvalue()), "灯.jpg")}
        anyone.post("/say", sent, content_type="multipart/form-data")
        desk = quarter.visit(base, slug, "shuji")
        desk.get("/desk/ledger")
        site = find_site(quarter.app, base, slug)
        with quarter.app.app_context(), bound(site.scope):
            live.publish({"GX20260001": site.community_id or 0})
            live.keep("GX20260001", "1", "wall", title_of(base, slug))


def test_every_key_in_redis_says_whose_it_is(told_apart: Quarter, figure: Figure) -> None:
    stir(told_apart)
    with told_apart.app.app_context():
        sites = {at: find_site(told_apart.app, *at) for at in HALLS}
        streets = {site.street_id for site in sites.values()}
        keys = [key.decode() for key in redis().scan_iter("*")]
        places = [rf"{s.street_id}:{s.community_id}" for s in sites.values()] + [f"{s}:-" for s in streets]
        ours = re.compile(rf"(yql:({'|'.join(places)}):|LIMITS:.*/({'|'.join(places)})[:/])")
        nobodys = [key for key in keys if not ours.match(key) and not OF_THE_MACHINE.match(key)]
        seen = {place for key in keys if (found := ours.match(key)) for place in found.groups()[1:] if place}
        assert not nobodys, nobodys
        assert {f"{site.street_id}:{site.community_id}" for site in sites.values()} <= seen
        for at, site in sites.items():
            with bound(site.scope):
                assert live.standing("GX20260001") == (site.community_id, "1")
                assert live.kept("GX20260001", "1", "wall") == title_of(*at)
    figure(f"redis: {len(keys)} keys walked, {len(keys) - len(nobodys)} are led by their hall, street or the queue")


def test_every_file_lies_in_its_halls_folder(told_apart: Quarter, figure: Figure) -> None:
    stir(told_apart)
    root = Path(told_apart.app.config["DATA_DIR"]) / "files"
    with told_apart.app.app_context():
        known = {str(find_site(told_apart.app, *at).community_id) for at in HALLS}
    stored = [path for path in root.rglob("*") if path.is_file()]
    assert all(len(path.relative_to(root).parts) == 2 for path in stored)
    mine = [path for path in stored if path.parent.name in known]
    assert {path.parent.name for path in mine} == known, "not every hall stored a photo"
    figure(f"files: {len(mine)} stored by three halls, each in the folder of its hall")


def test_a_job_carries_its_binding_and_nothing_that_names_a_row(told_apart: Quarter) -> None:
    for periodic in PERIODICS:
        module, _, name = periodic.work.partition(":")
        assert not inspect.signature(getattr(import_module(module), name)).parameters, periodic.work
    stir(told_apart)
    with told_apart.app.app_context():
        for job in Job.fetch_many(queue().job_ids, connection=redis(), serializer=JSONSerializer):
            assert job is not None
            scopes = job.args[0] if isinstance(job.args[0], list) else [job.args[0]]
            assert all(scope["kind"] in ("community", "street") and scope["street"] for scope in scopes)
            assert len(job.args) < 3 or job.args[2] == {}


def test_the_jobs_of_one_hall_change_no_row_of_another(beside: Quarter, figure: Figure) -> None:
    """Every periodic job of 电业 through the real queue, while rows with the same ids lie in the other halls."""
    worlds = beside.worlds
    with beside.eyes.connect() as conn:
        before = fingerprint(conn, (worlds.neighbour, worlds.far), worlds.own)
    ended: dict[str, int] = {}
    with beside.app.app_context():
        site = find_site(beside.app, HERE, NEXT)
        queue().empty()
        for periodic in PERIODICS:
            if periodic.of != "street":
                enqueue_round([Scope("community", street=site.street_id, community=site.community_id)], periodic.work)
        ids = queue().job_ids
        worker = SimpleWorker([queue()], connection=redis(), serializer=JSONSerializer)
        worker.work(burst=True, logging_level="CRITICAL")
        for job in Job.fetch_many(ids, connection=redis(), serializer=JSONSerializer):
            status = job.get_status().value if job else "gone"
            ended[status] = ended.get(status, 0) + 1
    with beside.eyes.connect() as conn:
        assert fingerprint(conn, (worlds.neighbour, worlds.far), worlds.own) == before
    assert ended.get("finished", 0) >= len(ids) / 2, ended
    figure(f"jobs: {ended} of one hall beside rows of the same ids in two others, which stand as they did")


HEADERS = (
    {"X-Forwarded-Host": "{0}"}, {"X-Host": "{0}"}, {"X-Original-Host": "{0}"}, {"Forwarded": "host={0}"},
    {"X-Original-URL": "http://{0}/desk/ledger"}, {"X-Rewrite-URL": "/c/nanyandao/desk/ledger"},
    {"X-Forwarded-Server": "{0}"}, {"X-Forwarded-Prefix": "/c/nanyandao"}, {"X-Script-Name": "/c/nanyandao"},
)  # fmt: skip


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: next(iter(header)))
def test_no_header_moves_a_visitor_into_another_hall(told_apart: Quarter, header: Any) -> None:
    neighbour = f"{HOME}.{HERE}"
    browser = told_apart.visit(HERE, NEXT, "shuji")
    answer = browser.get("/", headers={name: value.format(neighbour) for name, value in header.items()})
    said = readable(answer)
    assert answer.status_code == 200
    assert title_of(HERE, NEXT) in said
    assert title_of(HERE, HOME) not in said


def test_a_cookie_of_the_neighbour_and_of_the_namesake_opens_nothing(told_apart: Quarter) -> None:
    for at in HALLS:
        cookie = told_apart.visit(*at, "shuji").client.get_cookie("yiqilai", domain=".".join(reversed(at)))
        assert cookie is not None
        for other in (*HALLS, (HERE, ""), (THERE, "")):
            if other == at:
                continue
            thief = Visitor(told_apart.app, *other)
            thief.client.set_cookie("yiqilai", cookie.value, domain=thief.host)
            assert thief.get("/password").status_code == 302, f"{at} opened {other}"


@pytest.mark.parametrize("url", ["/desk/matters/{0}", "/matters/{0}", "/desk/polls/{0}", "/desk/sittings/{0}"])
def test_a_foreign_thing_and_a_missing_one_answer_alike(beside: Quarter, url: str) -> None:
    """The same page, made by the same statements: not even the cost tells that the neighbour has such a row."""
    browser = beside.visit(HERE, NEXT, "shuji")
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    with beside.app.app_context():
        engine = db.engines[None]
    answers = []
    event.listen(engine, "before_cursor_execute", note)
    try:
        browser.get(url.format(uuid4()))  # What is kept for the next request is not what is compared.
        for row in (uuid4(), beside.worlds.neighbour.id, uuid4(), beside.worlds.far.id):
            seen.clear()
            answer = browser.get(url.format(row))
            said = answer.get_data(as_text=True).replace(str(row), "")
            answers.append((answer.status_code, NOISE.sub("", said), list(seen)))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answers[0][0] == 404
    assert all(answer == answers[0] for answer in answers[1:])
