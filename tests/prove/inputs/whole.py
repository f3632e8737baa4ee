"""What must be true of the database whatever was sent: asked before every putting back, named row by row where not.

References, choices and pairs of columns are constraints of the database itself. This asks for what no constraint can
say: counts kept beside the rows they count, and a stage that is the end of its own history.
"""

from __future__ import annotations

from sqlalchemy import text

from app.matter.situation import Stage
from tests.prove.inputs.world import World

ASKED = {
    "a stage that nobody knows": "select number from matter where stage <> all(:stages)",
    "a stage that is not the end of its history": """
        select m.number from matter m join lateral (
            select t.new_stage from timeline t where t.community_id = m.community_id and t.matter_id = m.id
            and t.new_stage is not null order by t.at desc, t.seq desc limit 1
        ) last on true where last.new_stage <> m.stage""",
    "a matter without a history": """
        select number from matter m where not exists
            (select 1 from timeline t where t.community_id = m.community_id and t.matter_id = m.id)""",
    "a count of comments that is not theirs": """
        select m.number from matter m where m.comments <> (select count(*) from comment c
            where c.community_id = m.community_id and c.matter_id = m.id and c.state = 'shown')""",
    "a count of supporters that is not theirs": """
        select m.number from matter m where m.supports <> (select count(*) from support s
            where s.community_id = m.community_id and s.matter_id = m.id and s.withdrawn_at is null)""",
    "a count of ratings that is not theirs": """
        select m.number from matter m where m.rating_count <> (select count(*) from rating r
            where r.community_id = m.community_id and r.matter_id = m.id and r.round = m.round
            and r.struck_at is null)""",
    "a ballot whose parts are more than those present": """
        select b.id::text from ballot b where b.yes + b.no + b.abstain + b.spoiled > b.present and b.state = 'closed'
            and b.poll_id is null""",
    "a number that two matters of a hall share": """
        select number from matter group by community_id, number having count(*) > 1""",
}  # fmt: skip


def faults_of(world: World) -> set[str]:
    """Every fault with the thing it is found at."""
    stages = [str(stage) for stage in Stage]
    found = set()
    with world.eyes.connect() as conn:
        for what, query in ASKED.items():
            values = {"stages": stages} if ":stages" in query else {}
            found |= {f"{what}: {row[0]}" for row in conn.execute(text(query), values)}
    return found
