"""Every mapped table, imported once so that metadata, policies and the matrix test see them all."""

from app.flow.collect import channels, signing, voices
from app.flow.collect import models as collect
from app.flow.decide import models as decide
from app.flow.deliberate import models as deliberate
from app.flow.evaluate import models as evaluate
from app.flow.implement import models as implement
from app.flow.implement import money_models, order_models
from app.flow.research import models as research
from app.flow.resolve import models as resolve
from app.flow.triage import models as triage
from app.flow.triage import policy
from app.matter import models as matter
from app.notices import models as notices
from app.people import imports, owners, places, privacy, seats
from app.people import models as people
from app.records import models as records
from app.talent import models as talent
from tenants import registry

__all__ = [
    "channels",
    "collect",
    "decide",
    "deliberate",
    "evaluate",
    "implement",
    "imports",
    "matter",
    "money_models",
    "notices",
    "order_models",
    "owners",
    "people",
    "places",
    "policy",
    "privacy",
    "records",
    "registry",
    "research",
    "resolve",
    "seats",
    "signing",
    "talent",
    "triage",
    "voices",
]
