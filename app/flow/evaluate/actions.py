"""The verbs of the last step, under one name: rate, visit, follow up, evaluate, close; rework or talk again; wishes."""

from app.flow.evaluate.closing import archive, close, redeliberate, reopen, rework
from app.flow.evaluate.hearing import evaluate, follow_up, visit
from app.flow.evaluate.raters import rater_key
from app.flow.evaluate.rating import enter_papers, enter_ratings, rate, strike_batch
from app.flow.evaluate.wishes import link_wish, take_wish

__all__ = [
    "archive", "close", "enter_papers", "enter_ratings", "evaluate", "follow_up", "link_wish", "rate", "rater_key",
    "redeliberate", "reopen", "rework", "strike_batch", "take_wish", "visit",
]  # fmt: skip
