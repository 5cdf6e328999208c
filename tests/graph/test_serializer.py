"""Checkpoints hold our types under written names: renamed classes read and write the same bytes."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from openoutcry.agents.context import Contribution
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.errors import SchemaMismatch
from openoutcry.domain.evidence import Evidence, EvidenceKind
from openoutcry.domain.ids import EvidenceId
from openoutcry.domain.outputs import Report, Stance
from openoutcry.graph.serializer import STORED_TYPES, StateSerializer, to_plain

NOW = datetime(2025, 3, 3, 21, tzinfo=UTC)
FACT = Evidence(EvidenceId("px.close"), EvidenceKind.PRICE, "demo", NOW, "close 12.5", Decimal("12.5"))
REPORT = Contribution("news", Report(summary="Calm.", stance=Stance.NEUTRAL, confidence=0.5, evidence=("px.close",)))
STATE = {
    "evidence": (FACT,),
    "contributions": [REPORT],
    "abstentions": (Abstention("macro", AbstentionCause.DATA, "gone"),),
    "n": 1,
}


def test_a_state_comes_back_as_it_was():
    serializer = StateSerializer()
    read = serializer.loads_typed(serializer.dumps_typed(STATE))
    assert {key: tuple(value) if isinstance(value, list) else value for key, value in read.items()} == {
        "evidence": (FACT,), "contributions": (REPORT,), "abstentions": STATE["abstentions"], "n": 1,
    }  # fmt: skip
    assert type(read["evidence"][0].known_at) is datetime


def test_the_bytes_of_a_fact_are_the_same_within_a_state_in_every_checkpoint_and_after_they_were_forgotten():
    kept = StateSerializer()
    first, second = kept.dumps_typed(STATE), kept.dumps_typed({**STATE, "evidence": (FACT, FACT)})
    assert first == StateSerializer().dumps_typed(STATE)
    assert second == StateSerializer().dumps_typed({**STATE, "evidence": (FACT, FACT)})
    kept.forget()
    assert kept.dumps_typed(STATE) == first


def test_facts_that_follow_one_another_in_memory_keep_their_own_bytes():
    serializer = StateSerializer()
    for number in range(100):
        fact = Evidence(EvidenceId(f"px.{number}"), EvidenceKind.PRICE, "demo", NOW, "", Decimal(number))
        assert serializer.loads_typed(serializer.dumps_typed({"evidence": [fact]}))["evidence"] == [fact]


def test_a_fact_is_packed_once_until_it_is_forgotten(monkeypatch):
    packed = list[object]()
    inner = JsonPlusSerializer.dumps_typed
    monkeypatch.setattr(JsonPlusSerializer, "dumps_typed", lambda self, obj: packed.append(obj) or inner(self, obj))
    serializer = StateSerializer()
    for _ in range(3):
        serializer.dumps_typed({"evidence": (FACT,)})
    assert len(packed) == 1 + 3
    serializer.forget()
    serializer.dumps_typed({"evidence": (FACT,)})
    assert len(packed) == 1 + 3 + 2


def test_the_bytes_are_those_of_states_that_are_packed_at_once():
    plain = JsonPlusSerializer(allowed_msgpack_modules=None).dumps_typed(to_plain(STATE))
    assert StateSerializer().dumps_typed(STATE) == plain


def test_no_module_of_ours_is_named_in_the_bytes():
    _, data = StateSerializer().dumps_typed(STATE)
    assert b"domain" not in data
    assert b"Evidence" not in data
    assert b"openoutcry.type" in data


def test_the_stored_names_are_those_that_checkpoints_on_disk_have():
    assert set(STORED_TYPES) == {
        *("abstention", "abstention_cause", "action", "allocation_decision", "argument", "contribution"),
        *("direction_decision", "evidence", "evidence_kind", "exposure_decision", "missing_evidence", "order_class"),
        *("order_plan", "order_plan_with_lots", "order_type", "planned_order", "planned_order_with_lots", "rating"),
        *("rating_decision", "ratio_decision", "recalled_memory", "report", "research_note", "risk_opinion"),
        *("risk_review", "signals_decision", "stance", "target_cash_decision", "thesis", "time_in_force", "verdict"),
        *("news_score", "rationale_score", "risk_argument", "sectioned_rating", "style_choice"),
        *("trade_action", "trade_proposal", "trading_style"),
        *("expert_scores", "expert_weights", "fact_table", "forecast", "guidance", "market_prices", "mix_weight"),
        *("news_factors", "position_view", "regime_scores"),
        *("need_entry", "needs_decision", "analyst_pick", "tradable_shares", "trade_choice"),
        *(
            "contest_ranking",
            "deduction",
            "deductions",
            "factor_ranking",
            "factor_rating",
            "factor_sharpe",
            "ranked_signal",
        ),
        *("symbol_sharpe", "text_factor"),
        *("answer_ballot", "answer_ballots"),
        *("horizon_queries", "horizon_query", "query_horizon"),
        *("order_plan_with_lots_and_resting", "order_plan_with_resting", "resting_action", "resting_instruction"),
    }


def test_a_type_of_a_later_version_is_refused_by_name():
    serializer = StateSerializer()
    stored = serializer.dumps_typed({"openoutcry.type": "crystal_ball", "value": 1})
    with pytest.raises(SchemaMismatch, match="crystal_ball"):
        serializer.loads_typed(stored)
