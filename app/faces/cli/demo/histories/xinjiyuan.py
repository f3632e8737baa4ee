"""新纪元: a vote to cut off a neighbour's water (M23): refused, looked at by the street, and it stands."""

from __future__ import annotations

from app.faces.cli.demo.story import Story, StreetReviews
from app.faces.cli.demo.told_after import Teller

MONDAY = 0


def m23(t: Teller) -> None:
    """投票停占道商户水电: N06 on the second day; the proposer asks the street on the third."""
    t.said(
        0, "20:40", words="楼下那家商户天天把货堆到人行道上，说了三年不听。咱们投个票，把他们家水电停了，看他还堆不堆。",
        title="投票停占道商户水电", wish="停了他们的水电", category="business", where=("新纪元小区", "3 号楼"),
        name="老傅", phone="15833107792",
    )  # fmt: skip
    t.refuse(
        2, "9:50", "N06", "占道是不对，可停水停电是拿走别人的权利，居民投票定不了，投了也不算数。",
        "占道打 12345，或者找街道城管中队；社区可以陪您一起反映，也可以请商户坐下来调解。",
    )  # fmt: skip
    t.ask_review(3, "19:20", "反映过好几回都没有用，请街道看看为什么不能投票。")


def m23_ending(t: Teller) -> None:
    """The hall's own job takes up what the street wrote."""
    t.review_taken_up(7, "15:40")


STORIES = (
    Story("M23", "xinjiyuan", (9, 15), (
        m23,
        StreetReviews(7, "15:30", upheld=False,
            words="街道核对过：用表决停别人的水电，侵害他人财产权，社区不予受理是对的。占道一事已交城管中队，本周内上门。"),
        m23_ending,
    ), MONDAY),
)  # fmt: skip
