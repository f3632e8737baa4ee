"""A year of a hall: two thousand matters, the clock driven day by day through the real urging job.

The year is told by :mod:`tests.rooms.year_tale`; what should have come of it is counted here in plain SQL with a
calendar of its own (``generate_series`` and the holiday table). Nothing here asks our rules. Lights are compared on
every day of the year, reminders and digests as whole sets, figures for the year and for each quarter.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import Connection, Engine, text

from app import clock
from app.matter import ledger
from app.matter.house import forget_houses, house
from app.records import hall_figures
from app.records.counts import median, ninetieth
from tenants.queue import run_bound
from tests.conftest import inside
from tests.rooms.year_tale import Tale

MATTERS = 2000
#: Three days in which no scheduler ran.
AWAY = range(150, 153)

CALENDAR = """
create temp table cal as
select day, works, sum(works::int) over (order by day) as n from (
  select d::date as day,
         case when exists (select 1 from holiday h where h.day = d::date and not h.is_working) then false
              when extract(isodow from d) < 6 then true
              else exists (select 1 from holiday h where h.day = d::date) end as works
  from generate_series(cast(:first as date) - 400, cast(:first as date) + 900, interval '1 day') d) days;
create unique index on cal (day);
create temp table nth as select n, min(day) as day from cal group by n;
create unique index on nth (n);
analyze cal;
analyze nth
"""
#: Red, yellow, green and grey of one moment, and the working days all red ones are late together.
LIGHTS = """
with open_ones as (
  select m.stage, m.due_at, e.n as due_n, s.n as start_n, t.n as today_n
  from matter m
  join cal t on t.day = (cast(:now as timestamptz) at time zone 'Asia/Shanghai')::date
  left join cal e on e.day = (m.due_at at time zone 'Asia/Shanghai')::date
  left join cal s on s.day = (m.stage_since at time zone 'Asia/Shanghai')::date
  where m.community_id = :here and m.stage not in ('closed', 'archived', 'not_accepted', 'answered', 'referred',
                                                   'merged', 'withdrawn', 'terminated')),
lit as (
  select *, case when stage = 'suspended' then 'grey' when due_at is null then 'green' when due_at < :now then 'red'
                 when due_n - today_n > 3 and 5 * (due_n - today_n) > due_n - start_n then 'green' else 'yellow' end
            as colour from open_ones)
select count(*) filter (where colour = 'green') as green, count(*) filter (where colour = 'yellow') as yellow,
       count(*) filter (where colour = 'red') as red, count(*) filter (where colour = 'grey') as grey,
       coalesce(sum(today_n - due_n) filter (where colour = 'red'), 0) as overdue_days from lit
"""
#: Each step's day by the calendar, and the first morning on which it could be said while the thing still stood so.
EXPECTED = """
create temp table expected as
with step as (
  select s.*, 'review' as step, s.due as on_day from span s where s.paused
  union all select s.*, 'due', s.due from span s where not s.paused
  union all
  select s.*, 'soon', greatest(w.day, s.start)
  from span s join cal e on e.day = s.due join cal b on b.day = coalesce(s.start, s.due)
  join nth w on w.n = e.n - greatest(3, (e.n - b.n) / 5) where not s.paused
  union all
  select s.*, late.step, l.day
  from span s join cal e on e.day = s.due
  cross join (values ('late', 1), ('later', 5), ('climb', 10)) late (step, days)
  join nth l on l.n = e.n + late.days
  where not s.paused and (late.step <> 'climb' or s.kind in ('matter', 'task') and not s.soft))
select kind, subject, due, step, min(said) as said_on, who
from step cross join lateral (
  select min(m.day) as said from morning m
  where m.day >= greatest(step.on_day, step.born) and m.day <= step.gone) first
where said is not null group by kind, subject, due, step, who
"""
SAID = "select kind, subject_id, due, step, said_on, to_label from reminder where community_id = :here"
DIGESTS = """
select said_on, who from expected
union select said_on, '张书记' from expected where step in ('review', 'late', 'later', 'climb')
"""
KPIS = """
with m as (select * from matter where community_id = :here and stage not in ('merged', 'withdrawn')),
t as (select c.* from commitment c where c.community_id = :here and c.state <> 'dropped'),
r as (select g.* from rating g join m on m.id = g.matter_id and m.round = g.round
      where m.stage = 'closed' and lday(m.closed_at) between :a and :b),
paper as (select s.id, max(t.due) as last, min((t.state = 'verified')::int) as whole
          from resolution s join t on t.resolution_id = s.id where s.replaced_at is null group by s.id),
o as (select s.*, coalesce((select max(e.due) from order_event e where e.order_id = s.id
                            and e.kind = 'extension_granted'), s.due) as day,
             (select lday(e.at) from order_event e where e.order_id = s.id and e.kind = 'closed') as closed
      from supervision_order s where s.community_id = :here
      and not exists (select 1 from order_event e where e.order_id = s.id and e.kind = 'void')),
late as (select o.*, (select e.kind from order_event e where e.order_id = o.id order by e.seq desc limit 1) as stands
         from o where closed is null),
f as (select m.id, floor(extract(epoch from min(l.at) - m.collected_at) / 3600) as hours
      from m join timeline l on l.matter_id = m.id
      where lday(m.collected_at) between :a and :b and l.actor_kind <> 'system' and l.new_stage <> '' group by m.id,
        m.collected_at),
p as (select (select l.day from nth l join cal d on d.day = lday(s.made_at) where l.n = d.n + 3) as last,
             (select lday(min(q.posted_at)) from posting q where q.resolution_id = s.id) as posted
      from resolution s where s.community_id = :here and s.version = 1)
select
 (select count(*) from m where lday(collected_at) between :a and :b) as received,
 (select count(*) from m where lday(collected_at) between :a and :b and kind = 'joint') as joint,
 (select count(*) from m where lday(accepted_at) between :a and :b) as accepted,
 (select count(*) from m where stage = 'not_accepted' and lday(stage_since) between :a and :b) as refused,
 (select count(*) from m where lday(accepted_at) <= :b and (closed_at is null or lday(closed_at) >= :a)
    and (stage not in ('not_accepted', 'referred', 'terminated') or lday(stage_since) > :b)) as in_hand,
 (select count(*) from m where stage = 'closed' and lday(closed_at) between :a and :b) as closed,
 (select count(*) from m where stage = 'closed' and lday(accepted_at) between :a and :b) as cohort_closed,
 (select count(*) from m where stage = 'closed' and lday(closed_at) between :a and :b
    and level in ('grid', 'community')) as closed_near,
 (select count(*) from m where stage = 'closed' and lday(closed_at) between :a and :b
    and id in (select matter_id from timeline where verb = 'verify')) as visits_owed,
 (select count(distinct matter_id) from r) as visits_rated,
 (select count(*) from r) as rated, (select count(*) from r where grade in (3, 4, 5)) as satisfied,
 (select count(*) from r where grade in (4, 5)) as well_satisfied,
 (select count(*) from r where grade in (1, 2)) as bad,
 (select count(*) from r where grade in (1, 2) and followed_at is not null) as bad_followed,
 (select count(*) from t where due between :a and :b and (due < :today or done_at is not null)) as due,
 (select count(*) from t where due between :a and :b and lday(done_at) <= due) as kept,
 (select count(*) from t where due between :a and :b and (due < :today or done_at is not null) and state = 'verified')
   as verified,
 (select count(*) from t where first_due between :a and :b and (first_due < :today or done_at is not null))
   as first_due,
 (select count(*) from t where first_due between :a and :b and lday(done_at) <= first_due) as first_kept,
 (select count(*) from paper where last between :a and :b and (last < :today or whole = 1)) as resolutions_due,
 (select count(*) from paper where last between :a and :b and whole = 1) as resolutions_done,
 (select count(*) from (select x.matter_id, min(x.asked_at) as at from escalation x join m on m.id = x.matter_id
    group by x.matter_id) f where lday(f.at) between :a and :b) as escalated_first,
 (select count(distinct l.matter_id) from timeline l join m on m.id = l.matter_id
    where l.verb in ('send_back', 'rework') and lday(l.at) between :a and :b) as sent_back,
 (select count(distinct l.matter_id) from timeline l join m on m.id = l.matter_id
    where l.verb = 'verify' and lday(l.at) between :a and :b) as entered_review,
 (select count(*) from p where last between :a and :b and (last < :today or posted is not null)) as to_post,
 (select count(*) from p where last between :a and :b and posted <= last) as posted_in_time,
 (select count(*) from posting where community_id = :here and lday(taken_down_at) between :a and :b) as postings_ended,
 (select count(*) from posting where community_id = :here and lday(taken_down_at) between :a and :b
    and state = 'ended' and lday(taken_down_at) - starts >= 15) as postings_full,
 (select count(*) from o where day between :a and :b and (day < :today or closed is not null)) as orders_due,
 (select count(*) from o where day between :a and :b and closed <= day) as orders_kept,
 (select count(*) from o where lday(issued_at) between :a and :b) as orders_issued,
 (select count(*) from o where lday(issued_at) between :a and :b and second_of_id is not null) as orders_second,
 (select count(*) from late) as orders_open,
 (select count(*) from late where day < :today and stands is distinct from 'reported') as orders_late,
 (select count(*) from m where lday(collected_at) between :a and :b and id not in (
    select matter_id from timeline where new_stage = 'submitted')) as leads,
 (select count(*) from f) as replied, (select 2 * percentile_cont(0.5) within group (order by hours) from f) as half,
 (select percentile_disc(0.9) within group (order by hours) from f) as ninth,
 (select jsonb_object_agg(grade, n) from (select grade, count(*) as n from r group by grade) g) as grades
"""


def test_a_year_of_a_hall(app, superuser: Engine) -> None:
    with inside(app, "nanyandao") as site, app.app_context():
        scope, here = site.scope, site.scope.community
        first = date(clock.today().year + 1, 1, 1)
    with superuser.connect() as conn:
        tale = Tale(conn, here, scope.street, first)
        tale.tell(MATTERS)
        conn.commit()
        app.extensions.pop("matter.houses", None)
        conn.execute(text(CALENDAR.split(";")[0]), {"first": first})
        for statement in CALENDAR.split(";")[1:]:
            conn.execute(text(statement))
        _live(app, conn, tale, scope, first)
        _reminders_are_those(conn, tale, here, first)
        _figures_are_those(app, conn, here, first)


def _live(app, conn: Connection, tale: Tale, scope, first: date) -> None:
    """Every morning at half past eight the worker's job, then the lights; then what happens on that day."""
    for n in range(365):
        with app.app_context():
            clock.advance(app, clock.at(first + timedelta(days=n), 8, 30) - clock.now())
            if n not in AWAY:
                run_bound(scope.as_dict(), "app.faces.jobs.work:urge", {})
        with inside(app, "nanyandao"):
            now = clock.now()
            ours = hall_figures.lights(now)
            theirs = conn.execute(text(LIGHTS), {"now": now, "here": scope.community}).one()._mapping
            if n not in AWAY:
                assert {key: ours.get(key, 0) for key in theirs} == dict(theirs), n
            if n % 60 == 59:
                # The rule in words and the two moments in SQL say the same of each matter.
                forget_houses()
                shown = ledger.clocks_of_open(ledger.Reader(None, is_office=True), now, house().calendar)
                reds = sum(one.light.colour == "red" for one in shown if one.stage != "referred")
                assert reds == theirs["red"] > 0
        tale.happen(n)
        conn.commit()
        if n in (5, 15) or n % 30 == 29:
            _keep_house(conn.engine)


def _keep_house(engine: Engine) -> None:
    """What the server does by itself, which it would not get round to in a year of half a minute."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sweeper:
        sweeper.execute(text("vacuum analyze matter, commitment, reminder, digest, timeline, asset"))
        sweeper.execute(text("analyze supervision_order, order_event, rating, posting, resolution"))


def _reminders_are_those(conn: Connection, tale: Tale, here: int, first: date) -> None:
    tale.write_spans()
    conn.execute(text("analyze"))
    conn.execute(text("create temp table morning (day date)"))
    mornings = [{"day": first + timedelta(days=n)} for n in range(365) if n not in AWAY]
    conn.execute(text("insert into morning values (:day)"), mornings)
    conn.execute(text(EXPECTED))
    wanted = {tuple(row) for row in conn.execute(text("select kind, subject, due, step, said_on, who from expected"))}
    said = [tuple(row) for row in conn.execute(text(SAID), {"here": here})]
    assert len(said) == len(set(said)) > 5 * MATTERS
    assert set(said) - wanted == set()
    assert wanted - set(said) == set()
    assert {row[3] for row in said} == {"soon", "due", "late", "later", "climb", "review"}
    assert {row[0] for row in said} == {"matter", "task", "order", "asset"}
    told = [tuple(row) for row in conn.execute(text("select day, to_label from digest"))]
    assert len(told) == len(set(told))
    assert set(told) == {tuple(row) for row in conn.execute(text(DIGESTS))}
    climbed = conn.execute(
        text("select count(distinct (matter_id, said_on)) from reminder where step = 'climb'")
    ).scalar()
    assert conn.execute(text("select count(*) from timeline where verb = 'climb'")).scalar() == climbed
    assert conn.execute(text("select count(*) from reminder where community_id <> :here"), {"here": here}).scalar() == 0


def _figures_are_those(app, conn: Connection, here: int, first: date) -> None:
    conn.execute(
        text("create function pg_temp.lday(timestamptz) returns date language sql immutable as "
             "$$ select ($1 at time zone 'Asia/Shanghai')::date $$")
    )  # fmt: skip
    statement = text(KPIS.replace("lday(", "pg_temp.lday("))
    quarters = [date(first.year, month, 1) for month in (1, 4, 7, 10)] + [date(first.year + 1, 1, 1)]
    periods = [(first, date(first.year, 12, 31))]
    periods += [(a, b - timedelta(days=1)) for a, b in pairwise(quarters)]
    with inside(app, "nanyandao"):
        for a, b in periods:
            values = {"a": a, "b": b, "here": here, "today": clock.today()}
            theirs = dict(conn.execute(statement, values).one()._mapping)
            ours = hall_figures.count_hall(a, b, now=clock.now())
            # Of the hours until an answer the database says the halves and the tenths in its own way.
            shown = {"half": median(ours.reply_hours), "ninth": ninetieth(ours.reply_hours),
                     "grades": ours.as_dict()["grades"]}  # fmt: skip
            assert {key: shown.get(key, getattr(ours, key, None)) for key in theirs} == theirs, (a, b)
            assert all(theirs.values()), theirs
