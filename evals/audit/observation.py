"""What a desk is shown and decides at one moment, without a model: rules answer, and every prompt is rendered."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from ...app.desk import dry_run_desk
from ...app.factories import account_for
from ...app.settings import Settings
from ...desk.decision import DecisionRequest, decide
from ...desk.records.document import to_document
from ...desk.records.provenance import digest
from ...domain.decision import Decision
from ...domain.ids import RunId
from ...market.source import MarketSource
from .subject import AuditMoment

UNTIMED = ("usage", "provenance", "market")
"""Parts of a decision document that hold times, and hashes of the source."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a desk is shown and decides.

    Attributes:
        prompts: hash of the rendered prompt of each call, by number and role.
        texts: the rendered prompts, by number and role.
        decision: hash of the decision document without times.
        conviction: of the thesis; None without one.
        size: net number of shares that the allowed orders open.
    """

    prompts: Mapping[str, str]
    texts: Mapping[str, str]
    decision: str
    conviction: Decimal | None
    size: Decimal


def observe(settings: Settings, source: MarketSource, moment: AuditMoment) -> Observation:
    """Decide by rules for an empty account; raises LookAheadError if the source serves a later fact."""
    texts = dict[str, str]()
    request = DecisionRequest(
        RunId("audit"), moment.symbol, moment.as_of, account_for(settings, source, moment.symbol, moment.as_of)
    )
    with dry_run_desk(
        settings,
        source,
        lambda role, sent: texts.update({f"{len(texts) + 1} {role}": f"{sent.system}\n\n{sent.user}"}),
    ) as desk:
        made = asyncio.run(decide(replace(desk, timer=lambda: 0.0), request))
    return Observation(
        prompts={role: digest(text) for role, text in texts.items()},
        texts=texts,
        decision=digest({key: value for key, value in to_document(made).items() if key not in UNTIMED}),
        conviction=None if made.thesis is None else Decimal(str(made.thesis.conviction)),
        size=net_size(made),
    )


def net_size(made: Decision) -> Decimal:
    """Return the shares that the allowed opening orders of a decision buy, less those that they sell short."""
    opening = [order for order in made.risk.allowed if order.action.opens]
    return sum((order.quantity if str(order.action) == "buy" else -order.quantity for order in opening), Decimal(0))
