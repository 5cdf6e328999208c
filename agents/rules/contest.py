"""The rules of a contest: ratings from theses, signals by belief, deductions for weak signals."""

from collections.abc import Sequence

from ...domain.abstention import Abstention, AbstentionCause
from ...domain.book_outputs import SignalEntry, SignalsDecision
from ...domain.contest_outputs import Deduction, Deductions, FactorRating, TextFactor
from ...domain.ids import EvidenceId, Symbol
from ...domain.outputs import Thesis
from ...domain.proposal import SignalSide
from ..book import book_id, scoped
from ..context import AgentContext
from ..shown_factors import shown_factors
from .book import view_by_rule

MOST_SIGNALS = 5
LEAST_RATING = 0.05
CONTRARIAN = "contrarian"
"""A belief with this word takes the other side."""
DEDUCTION_PER_DOUBT = 100.0
"""Points deducted for each unit of probability below certainty."""


def factor(context: AgentContext, _: str) -> TextFactor | Abstention:
    """Rate each symbol by the conviction that the rules derive from the evidence about it."""
    rated = {brief.symbol: view_by_rule(scoped(context, brief.symbol)) for brief in context.book}
    known = {symbol: thesis for symbol, thesis in rated.items() if isinstance(thesis, Thesis)}
    if not known:
        return Abstention("contest", AbstentionCause.DATA, "the evidence supports no rating of any symbol")
    ratings = tuple(FactorRating(symbol=symbol, rating=thesis.conviction) for symbol, thesis in known.items())
    cited = tuple(book_id(symbol, name) for symbol, thesis in known.items() for name in thesis.evidence[:1])
    return TextFactor(text="Convictions of the rules.", ratings=ratings, evidence=cited[:20])


def signals(context: AgentContext, belief: str) -> SignalsDecision | Abstention:
    """Signal the symbols with the largest mean rating, on the other side for a contrarian belief."""
    sign = -1 if CONTRARIAN in belief.lower() else 1
    found = sorted(_mean_ratings(context).items(), key=lambda each: (-abs(each[1]), each[0]))
    chosen = [(symbol, sign * rating) for symbol, rating in found if abs(rating) >= LEAST_RATING][:MOST_SIGNALS]
    if not chosen:
        return Abstention("contest", AbstentionCause.INCOMPLETE, "no symbol has a rating that is worth a signal")
    cited = _cited(context, [symbol for symbol, _ in chosen])
    entries = tuple(
        SignalEntry(
            symbol=symbol,
            action=SignalSide.BUY if rating > 0 else SignalSide.SELL,
            evidence=tuple(name for name in cited if name.startswith(f"{symbol}/"))[:3],
            limitations=("The rule reads ratings of past data only.",),
            probability=round((1 + min(abs(rating), 1.0)) / 2, 4),
        )
        for symbol, rating in chosen
    )
    return SignalsDecision(entries=entries, summary="The largest ratings.", evidence=cited[:20])


def deductions(context: AgentContext, _: str) -> Deductions:
    """Deduct what a signal lacks to certainty, by its own probability."""
    return Deductions(
        entries=tuple(
            Deduction(
                contestant=name,
                symbol=entry.symbol,
                points=round((1 - entry.probability) * DEDUCTION_PER_DOUBT, 2),
                reason="The signal is not certain.",
            )
            for name, said in context.outputs(SignalsDecision)
            for entry in said.entries
        )
    )


def _mean_ratings(context: AgentContext) -> dict[Symbol, float]:
    ratings: dict[Symbol, list[float]] = {}
    for said in shown_factors(context).values():
        for each in said.ratings:
            ratings.setdefault(each.symbol, []).append(each.rating)
    return {symbol: sum(each) / len(each) for symbol, each in ratings.items()}


def _cited(context: AgentContext, symbols: Sequence[Symbol]) -> tuple[EvidenceId, ...]:
    wanted = tuple(f"{symbol}/" for symbol in symbols)
    cited = (name for said in shown_factors(context).values() for name in said.evidence if name.startswith(wanted))
    return tuple(dict.fromkeys(cited))
