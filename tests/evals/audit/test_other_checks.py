"""Fills, costs, placebo, reversed evidence, masks and universe."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval, Profile
from openoutcry.domain.outputs import Report
from openoutcry.domain.picture import Picture
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.audit.altered_markets import ReversedMarket, ShuffledNews, reversed_text
from openoutcry.evals.audit.evidence_checks import counterfactual
from openoutcry.evals.audit.fills import visible_fills
from openoutcry.evals.audit.masking import Mask, mask_of
from openoutcry.evals.audit.reruns import rerun
from openoutcry.evals.audit.sensitivity import CONDITIONS
from openoutcry.evals.audit.service import AUDIT, audit_plan
from openoutcry.evals.audit.universe_check import universe_at_start
from openoutcry.evals.audit.with_model import MaskedModel
from openoutcry.evals.unit_run import run_rule_unit
from openoutcry.ledger.model.order_events import OrderFilled
from openoutcry.llm.port import ModelRequest, Tier
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.delegating_source import DelegatingSource
from scripted_answers import SCRIPT


@pytest.fixture
def audited(subject):
    return subject()


def again(audited, **changes):
    unit = audited.plan.units[0]
    return rerun(unit, audited.market(audited.arms[0]), **changes)


def test_a_rerun_repeats_the_unit(audited):
    record = run_rule_unit(audited.plan.units[0])
    assert again(audited).result.equity == record.equity
    assert again(audited).result.fills == record.fills > 0


def test_a_fill_on_a_visible_bar_is_found(audited):
    events = list(again(audited).events)
    assert visible_fills(events) == []
    place = next(place for place, event in enumerate(events) if isinstance(event, OrderFilled))
    sessions = sorted({event.session for event in events if hasattr(event, "session")})
    before = sessions[sessions.index(events[place].session) - 1]
    events[place] = replace(events[place], session=before)
    [found] = visible_fills(events)
    assert f"sent after the close of {before}, filled on {before}" in found


def test_costs_reduce_returns_and_delay_changes_them(audited):
    unit, market = audited.plan.units[0], audited.market(audited.arms[0])
    by_name = {each.name: each for each in CONDITIONS}
    equity = {
        name: rerun(unit, market, by_name[name].account(unit.account), late=by_name[name].late).result
        for name in by_name
    }
    assert equity["0 bp"].paid.total == 0
    assert 0 < equity["5 bp"].paid.total < equity["10 bp"].paid.total
    assert equity["0 bp"].net > equity["10 bp"].net
    assert equity["one bar late"].equity != again(audited).result.equity
    assert equity["at the close"].equity != again(audited).result.equity


def test_a_late_decision_is_that_of_the_session_before(audited):
    honest, late = again(audited), again(audited, late=True)
    first = [
        next(event.session for event in found.events if isinstance(event, OrderFilled)) for found in (honest, late)
    ]
    assert late.result.fills > 0
    assert first[1] >= first[0]


def test_shuffled_news_are_those_of_another_symbol(audited):
    market, moment = audited.market(audited.arms[0]), audited.sample()[3]
    caldr, haldm = Symbol("CALDR"), Symbol("HALDM")
    shuffled = ShuffledNews.rotated(market, (caldr, haldm))
    since = trading_calendar("XNYS").close(trading_calendar("XNYS").between(moment.session, moment.session)[0])
    window = {"since": since.replace(year=2023), "until": moment.as_of}
    given = shuffled.news(caldr, **window)
    assert [item.title for item in given] == [item.title for item in market.news(haldm, **window)]
    assert {item.symbol for item in given} == {caldr}


def test_a_desk_that_ignores_prices_and_news_is_found(subject, tmp_path):
    desk = "name: deaf\nroles:\n  - {role: analyst, name: macro, tools: [macro]}\n"
    desk += "deliberation: {kind: debate, sides: [bull, bear], rounds: 0, judge: research_manager}\n"
    (tmp_path / "deaf.yaml").write_text(desk, encoding="utf-8")
    found = counterfactual(subject(("desk: single_agent", "desk: deaf.yaml"), moments=3))
    assert found.verdict == "failed", found.detail


def test_reversed_prices_mirror_every_return(audited):
    market, moment = audited.market(audited.arms[0]), audited.sample()[2]
    plain, mirrored = (
        source.bars(moment.symbol, Interval.DAY, until=moment.as_of, count=30)
        for source in (market, ReversedMarket(market))
    )
    assert plain[-1].close == mirrored[-1].close
    for (before, now), (other, after) in zip(itertools.pairwise(plain), itertools.pairwise(mirrored), strict=True):
        assert float(now.close / before.close * after.close / other.close) == pytest.approx(1, abs=1e-4)
        assert after.low <= min(after.open, after.close) <= max(after.open, after.close) <= after.high


def test_reversed_words():
    assert reversed_text("Profit beats a weak record, Shares rise") == "Loss misses a strong worst, Shares fall"
    assert reversed_text("nothing to exchange") == "nothing to exchange"


def test_a_mask_is_consistent_and_can_be_undone():
    mask = Mask({"AAPL": "STOCK1X", "Apple Inc.": "STOCK1X", "V": "STOCK2X"})
    text = "AAPL (Apple Inc.) and V on 2024-03-05, not AAPLX or VISA; [news.AAPL.2024-03-05]"
    hidden = mask.hide(text)
    assert mask.named_in(text) == "AAPL"
    assert mask.named_in(hidden) is None
    assert "2024" not in hidden
    assert "AAPLX or VISA" in hidden
    assert mask.reveal(hidden) == text.replace("Apple Inc.", "AAPL")


async def test_a_masked_request_has_no_charts_because_they_show_the_true_days():
    model = ScriptedModel({"technical": SCRIPT["technical"]})
    chart = Picture("price", "AAPL", "Chart of AAPL from 2024-03-05.", b"png", 10, 10)
    asked = ModelRequest("technical", Tier.QUICK, "", "[px.close] AAPL, 2024-03-05", Report, pictures=(chart,))
    await MaskedModel(model, Mask({"AAPL": "STOCK1X"})).generate(asked)
    assert [(request.pictures, "AAPL" in request.user) for request in model.asked] == [((), False)]


def test_a_list_that_leaves_out_bankrupt_names_is_marked(subject):
    found = universe_at_start(subject(moments=1))
    assert found.verdict in {"passed", "warning"}
    long = subject(("to: 2024-02-01", "to: 2024-12-30"), ("from: 2024-01-02", "from: 2016-01-04"), moments=1)
    late = universe_at_start(long)
    assert late.verdict == "warning"
    assert "BRAXH" in late.detail or "ended in the window" in late.detail


def test_conditions_replace_a_commission_a_share(audited):
    account = audited.plan.units[0].account.model_copy(
        update={"commission_bps": 0, "commission_per_share": Decimal("0.01")}
    )
    assert CONDITIONS[1].account(account).commission_per_share == 0
    assert CONDITIONS[1].account(account).commission_bps == 5


def test_the_mask_covers_the_universe_and_the_names_of_companies(audited):
    moment, market = audited.sample()[0], WithNames(audited.market(audited.arms[0]))
    mask = mask_of(market, moment, audited.plan.symbols)
    assert set(mask.aliases) == {"CALDR", "HALDM", "Maker of CALDR", "Maker of HALDM"}
    assert mask.hide("Maker of CALDR sold to HALDM") == "STOCK1X sold to STOCK2X"


class WithNames(DelegatingSource):
    """Names the company of every symbol."""

    def profile(self, symbol, *, until):
        return Profile(symbol, f"Maker of {symbol}", "", "", "US", "USD", "XNYS", None, None, "", until)


def test_an_honest_experiment_passes_every_check_of_knowledge(planned):
    found = {check.name: check for check in audit_plan(planned(), moments=2)}
    assert list(found) == [name for name, _ in AUDIT]
    assert "failed" not in {check.verdict for check in found.values()}
    assert "debate responds in" in found["counterfactual"].detail
    assert "debate: [" in found["placebo news"].detail
    assert not found["fills after decisions"].detail.startswith("0 fills")
    for name in ("0 bp", "5 bp", "10 bp", "at the close", "one bar late"):
        assert f"{name}: debate " in found["sensitivity to costs and fills"].detail
