"""What a desk is shown and decides at one moment, without a model: rules answer, and every prompt is rendered."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...app.desk import dry_run_desk
from ...app.settings import Settings
from ...desk.records.document import to_document
from ...desk.records.provenance import digest
from ...market.source import MarketSource
from .deciding import DecisionView, decisions_at, views_of
from .subject import AuditMoment

UNTIMED = ("usage", "provenance", "market")
"""Parts of a decision document that hold times, and hashes of the source."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What a desk is shown and decides.

    Attributes:
        prompts: hash of the rendered prompt of each call, by number and role.
        texts: the rendered prompts, by number and role.
        decision: hash of the decision documents without times.
        views: what the decision wants of the symbol, or of each symbol of the book.
    """

    prompts: Mapping[str, str]
    texts: Mapping[str, str]
    decision: str
    views: tuple[DecisionView, ...]


def observe(settings: Settings, source: MarketSource, moment: AuditMoment) -> Observation:
    """Decide by rules for an empty account; raises LookAheadError if the source serves a later fact."""
    texts = dict[str, str]()
    with dry_run_desk(
        settings,
        source,
        lambda role, sent: texts.update({f"{len(texts) + 1} {role}": f"{sent.system}\n\n{sent.user}"}),
    ) as desk:
        made = asyncio.run(decisions_at(replace(desk, timer=lambda: 0.0), settings, moment))
    documents = [{key: value for key, value in to_document(each).items() if key not in UNTIMED} for each in made]
    return Observation(
        prompts={role: digest(text) for role, text in texts.items()},
        texts=texts,
        decision=digest(documents),
        views=views_of(made),
    )
