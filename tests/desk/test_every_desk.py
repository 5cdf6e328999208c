"""Every topology and decision kind under rules: on made-up and on real markets, and blind to the future."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from desk_factory import close_of, taken
from every_desk import DESKS, desk_named
from market_folder import some_tickers, spoil_after, write_folder
from openoutcry.desk.records.document import to_document
from openoutcry.desk.rule_desk import rule_desk
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import LookAheadError
from openoutcry.graph.interpreter import plan_of
from openoutcry.market.folder import open_folder
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits

from tests.desk.test_look_ahead import Leaking

LITERATURE = ("strux", "mmdrex", "llmoe", "lm_guided", "prediction_market")
READS = {
    "strux": "filings", "mmdrex": "macro", "llmoe": "news", "lm_guided": "news", "prediction_market": "filings",
    "own_hierarchy": "news", "own_panel": "news", "own_vote": "macro",
}  # fmt: skip
"""A table that each desk reads beside the bars."""
DAY, SOME_DAYS_IN = date(2025, 3, 12), close_of(2025, 3, 12, 20)


def rules(source, name, folder):
    desk = rule_desk(desk_named(name, folder), load_prompts(), source, Limits(), seed=1, version="0", timer=lambda: 0.0)
    return replace(desk, plan=plan_of(desk.graph))


@pytest.fixture(scope="module")
def folders(demo, tmp_path_factory):
    """Return a market folder, and one with the same past and another future."""
    whole = write_folder(
        demo, ("CALDR", "SOLVK"), datetime(2025, 6, 30, 21, tzinfo=UTC), tmp_path_factory.mktemp("m") / "m", bars=1000
    )
    return whole, spoil_after(whole, tmp_path_factory.mktemp("spoilt") / "m", DAY, seed=3)


@pytest.mark.parametrize("name", LITERATURE)
@pytest.mark.parametrize("symbol", ["CALDR", "GRUND", "HALDM"])
def test_a_desk_decides_on_the_demo_market(demo, tmp_path, name, symbol):
    decision = taken(rules(demo, name, tmp_path), symbol, SOME_DAYS_IN)
    known = {item.id for item in decision.evidence}
    assert decision.outcome in {Outcome.ORDERS, Outcome.HOLD}, decision.abstention
    assert decision.proposal is not None
    assert decision.thesis.evidence
    assert set(decision.thesis.evidence) <= known
    assert to_document(decision)["proposal"]["kind"] == decision_kind(name, tmp_path)


def decision_kind(name, folder):
    return desk_named(name, folder).decision.kind


@pytest.fixture(scope="module")
def real(real_market, tmp_path_factory):
    return open_folder(some_tickers(real_market, ("AAPL", "KO"), tmp_path_factory.mktemp("real")))


@pytest.mark.parametrize("name", LITERATURE)
@pytest.mark.parametrize("symbol", ["AAPL", "KO"])
def test_a_desk_decides_on_a_real_market(real, tmp_path, name, symbol):
    """What the folder holds of KO gives the rules neither a fact nor a view of the news: two desks abstain."""
    decision = taken(rules(real, name, tmp_path), symbol, SOME_DAYS_IN)
    lacks_texts = symbol == "KO" and name in {"own_hierarchy", "strux"}
    assert (decision.outcome is Outcome.ABSTAIN) == lacks_texts, decision.abstention
    assert lacks_texts or decision.thesis.evidence


@pytest.mark.parametrize("name", DESKS)
def test_another_future_changes_no_byte(folders, tmp_path, name):
    told = [
        json.dumps(to_document(taken(rules(open_folder(folder), name, tmp_path), "CALDR", SOME_DAYS_IN)))
        for folder in folders
    ]
    assert told[0] == told[1]
    later = [taken(rules(open_folder(f), name, tmp_path), "CALDR", close_of(2025, 6, 12, 20)) for f in folders]
    assert to_document(later[0]) != to_document(later[1])


@pytest.mark.parametrize(("name", "kind"), [*READS.items(), *((name, "bars") for name in READS)])
def test_a_leak_stops_the_decision(demo, tmp_path, name, kind):
    with pytest.raises(LookAheadError):
        taken(rules(Leaking(demo, kind), name, tmp_path))
