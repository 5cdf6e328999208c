"""The serialization of checkpoints. Types of this package are stored under fixed names, not under their class names."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import ormsgpack
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Send
from pydantic import BaseModel

from ..agents.context import Contribution, MissingEvidence
from ..domain.abstention import Abstention, AbstentionCause
from ..domain.ballot_outputs import AnswerBallot, AnswerBallots
from ..domain.book_outputs import AllocationDecision, NeedEntry, NeedsDecision, SignalsDecision, TargetCashDecision
from ..domain.contest_outputs import (
    ContestRanking,
    Deduction,
    Deductions,
    FactorRanking,
    FactorRating,
    FactorSharpe,
    RankedSignal,
    SymbolSharpe,
    TextFactor,
)
from ..domain.decision import RecalledMemory
from ..domain.decision_outputs import (
    DirectionDecision,
    ExposureDecision,
    RatingDecision,
    RatioDecision,
    ResearchNote,
    SectionedRating,
)
from ..domain.deliberation_outputs import (
    ExpertScores,
    ExpertWeights,
    FactTable,
    Forecast,
    Guidance,
    MarketPrices,
    MixWeight,
    NewsFactors,
    PositionView,
    RegimeScores,
)
from ..domain.errors import SchemaMismatch
from ..domain.evidence import Evidence, EvidenceKind
from ..domain.memory_queries import HorizonQueries, HorizonQuery, QueryHorizon
from ..domain.orders import Action, OrderClass, OrderType, RestingAction, TimeInForce
from ..domain.outputs import (
    Argument,
    OrderPlan,
    OrderPlanWithLots,
    PlannedOrder,
    PlannedOrderWithLots,
    Rating,
    Report,
    RestingInstruction,
    RiskOpinion,
    RiskReview,
    Stance,
    Thesis,
    Verdict,
)
from ..domain.portfolio_outputs import AnalystPick, TradableShares, TradeChoice
from ..domain.remarks import (
    NewsScore,
    RationaleScore,
    RiskArgument,
    StyleChoice,
    TradeAction,
    TradeProposal,
    TradingStyle,
)
from ..domain.resting_outputs import OrderPlanWithLotsAndResting, OrderPlanWithResting

TYPE, VALUE = "openoutcry.type", "value"
STORED_TYPES: dict[str, type[Any]] = {
    "abstention": Abstention,
    "abstention_cause": AbstentionCause,
    "action": Action,
    "allocation_decision": AllocationDecision,
    "analyst_pick": AnalystPick,
    "answer_ballot": AnswerBallot,
    "answer_ballots": AnswerBallots,
    "argument": Argument,
    "contest_ranking": ContestRanking,
    "contribution": Contribution,
    "deduction": Deduction,
    "deductions": Deductions,
    "direction_decision": DirectionDecision,
    "evidence": Evidence,
    "evidence_kind": EvidenceKind,
    "expert_scores": ExpertScores,
    "expert_weights": ExpertWeights,
    "exposure_decision": ExposureDecision,
    "fact_table": FactTable,
    "factor_ranking": FactorRanking,
    "factor_rating": FactorRating,
    "factor_sharpe": FactorSharpe,
    "forecast": Forecast,
    "guidance": Guidance,
    "horizon_queries": HorizonQueries,
    "horizon_query": HorizonQuery,
    "query_horizon": QueryHorizon,
    "market_prices": MarketPrices,
    "missing_evidence": MissingEvidence,
    "mix_weight": MixWeight,
    "need_entry": NeedEntry,
    "needs_decision": NeedsDecision,
    "news_factors": NewsFactors,
    "news_score": NewsScore,
    "order_class": OrderClass,
    "order_plan": OrderPlan,
    "order_plan_with_lots": OrderPlanWithLots,
    "order_plan_with_lots_and_resting": OrderPlanWithLotsAndResting,
    "order_plan_with_resting": OrderPlanWithResting,
    "order_type": OrderType,
    "planned_order": PlannedOrder,
    "planned_order_with_lots": PlannedOrderWithLots,
    "position_view": PositionView,
    "ranked_signal": RankedSignal,
    "rating": Rating,
    "rating_decision": RatingDecision,
    "ratio_decision": RatioDecision,
    "rationale_score": RationaleScore,
    "recalled_memory": RecalledMemory,
    "regime_scores": RegimeScores,
    "report": Report,
    "research_note": ResearchNote,
    "resting_action": RestingAction,
    "resting_instruction": RestingInstruction,
    "risk_argument": RiskArgument,
    "risk_opinion": RiskOpinion,
    "risk_review": RiskReview,
    "sectioned_rating": SectionedRating,
    "signals_decision": SignalsDecision,
    "stance": Stance,
    "style_choice": StyleChoice,
    "symbol_sharpe": SymbolSharpe,
    "target_cash_decision": TargetCashDecision,
    "text_factor": TextFactor,
    "thesis": Thesis,
    "time_in_force": TimeInForce,
    "tradable_shares": TradableShares,
    "trade_action": TradeAction,
    "trade_choice": TradeChoice,
    "trade_proposal": TradeProposal,
    "trading_style": TradingStyle,
    "verdict": Verdict,
}
"""The stored name of every type of this package that the state may hold."""

NAMES = {kind: name for name, kind in STORED_TYPES.items()}


class StateSerializer(JsonPlusSerializer):
    """Stores values of STORED_TYPES as plain data with their stored name. LangGraph's own types are not changed.

    Every checkpoint of a run holds the whole state. The bytes of a fact that is part of it are made once and kept until
    `forget`, together with the fact, so that its identity names it.
    """

    def __init__(self) -> None:
        """Allow no module: no type of this package is stored by its module name."""
        super().__init__(allowed_msgpack_modules=None)
        self._made: dict[int, tuple[object, ormsgpack.Fragment]] = {}

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        """Return the kind and the bytes of a value."""
        return super().dumps_typed(self._packed(obj))

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        """Return the value that was stored; raises SchemaMismatch for a type that this version does not know."""
        return from_plain(super().loads_typed(data))

    def forget(self) -> None:
        """Release all facts and their bytes."""
        self._made.clear()

    def _packed(self, value: Any) -> Any:
        """Return `value` with every value of STORED_TYPES replaced by the bytes of its plain form."""
        kind = type(value)
        if kind is str or kind is int:  # most values of a checkpoint: names and versions of channels
            return value
        if kind in NAMES:
            made = self._made.get(id(value))
            if made is None:
                made = (value, ormsgpack.Fragment(super().dumps_typed(to_plain(value))[1]))
                self._made[id(value)] = made
            return made[1]
        return _mapped(value, self._packed)


def to_plain(value: Any) -> Any:
    """Return `value` with every value of STORED_TYPES replaced by a mapping of its stored name and plain content."""
    name = NAMES.get(type(value))
    return _mapped(value, to_plain) if name is None else {TYPE: name, VALUE: _content(value)}


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a container with `change` applied to its values, and every other value as it is."""
    if isinstance(value, Send):
        return Send(value.node, change(value.arg))
    if isinstance(value, dict):
        return {key: change(item) for key, item in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(change(item) for item in value)
    return value


def from_plain(value: Any) -> Any:
    """Return the value that `to_plain` converted. Sequences in dataclasses become tuples."""
    if isinstance(value, Send):
        return Send(value.node, from_plain(value.arg))
    if isinstance(value, dict):
        if TYPE in value:
            return _rebuilt(value[TYPE], value[VALUE])
        return {key: from_plain(item) for key, item in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(from_plain(item) for item in value)
    return value


def _content(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return value.model_dump_json()
    return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}


def _rebuilt(name: str, content: Any) -> Any:
    kind = STORED_TYPES.get(name)
    if kind is None:
        raise SchemaMismatch(f"a checkpoint holds a {name!r}, which this version does not know; decide anew")
    if issubclass(kind, BaseModel):
        return kind.model_validate_json(content)
    if not is_dataclass(kind):
        return kind(content)
    parts = {key: from_plain(item) for key, item in content.items()}
    return kind(**{key: tuple(item) if isinstance(item, list) else item for key, item in parts.items()})
