"""Every mapped table, imported once so that metadata, policies and the matrix test see them all."""

from app.flow.collect import channels, signing, voices
from app.flow.collect import models as collect
from app.flow.decide import models as decide
from app.flow.deliberate import models as deliberate
from app.flow.evaluate import models as evaluate
from app.flow.implement import models as implement
from app.flow.implement import money_models, order_models
from app.flow.research import models as research
from app.flow.resolve import mediation_models
from app.flow.resolve import models as resolve
from app.flow.triage import handbook_models, policy
from app.flow.triage import models as triage
from app.matter import joint_models, outside_models
from app.matter import models as matter
from app.notices import models as notices
from app.notices import street_models as street_notices
from app.people import core_models, imports, owners, places, privacy, seats
from app.people import models as people
from app.records import models as records
from app.records import street_models as street_records
from app.talent import models as talent
from tenants import registry, seals

__all__ = [
    "channels",
    "collect",
    "core_models",
    "decide",
    "deliberate",
    "evaluate",
    "handbook_models",
    "implement",
    "imports",
    "joint_models",
    "matter",
    "mediation_models",
    "money_models",
    "notices",
    "order_models",
    "outside_models",
    "owners",
    "people",
    "places",
    "policy",
    "privacy",
    "records",
    "registry",
    "research",
    "resolve",
    "seals",
    "seats",
    "signing",
    "street_notices",
    "street_records",
    "talent",
    "triage",
    "voices",
]
