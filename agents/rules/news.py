"""The news rule: the tone of the month by how many items carry it, and the change against the tone before.

Under-reaction to the tone of news is documented by Tetlock, Saar-Tsechansky & Macskassy (2008). A day's news foretells
a day or two, news gathered over weeks a quarter (Heston & Sinha 2017), so for a horizon of a month the month's tone
counts most and the latest change least. The tone itself is a count of words, exponentially weighted by age.
"""

import math

from ...domain.abstention import Abstention
from ...domain.outputs import Report
from ..context import AgentContext
from .signals import (
    Signal,
    report_from,
    squash,
    values,
)

PRIOR_ITEMS = 3.0
"""Number of neutral items that every mean tone includes (shrinkage)."""


def news(context: AgentContext) -> Report | Abstention:
    """Return a report on the measured tone of the headlines."""
    return report_from("news", news_signals(context))


def news_signals(context: AgentContext) -> tuple[Signal, ...]:
    """Return the signals of the level and of the change of tone."""
    latest = tuple(item.id for item in context.evidence if item.id.startswith("news."))[:3]
    return tuple(s for s in (_level(context, latest), _change(context, latest)) if s)


def _level(context: AgentContext, latest: tuple[str, ...]) -> Signal | None:
    """Read the mean tone of n items and PRIOR_ITEMS neutral ones, in units of its standard error 1 / sqrt(n + prior).

    The error is that of a tone of +1 or -1 by the toss of a coin, which is the widest that a tone can have.
    """
    found = values(context, "sent.score30", "sent.count30")
    if found is None:
        return None
    tone, items = found
    score = squash(tone * items / math.sqrt(items + PRIOR_ITEMS))
    text = f"Tone of {items:.0f} items {tone:+.2f}, the last days counting most."
    return Signal(score, 0.75, text, context.existing_ids(("sent.score30", "sent.count30", *latest)))


def _change(context: AgentContext, latest: tuple[str, ...]) -> Signal | None:
    found = values(context, "sent.shock", "sent.count30")
    if found is None:
        return None
    change, items = found
    text = f"Tone of the last five sessions {change:+.2f} against the two months before."
    return Signal(
        squash(2 * change) * items / (items + PRIOR_ITEMS), 0.25, text, context.existing_ids(("sent.shock", *latest))
    )
