"""Protocols: what they refuse, what a restriction says, and that each runs with rules and with a model."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
import yaml
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.counted import counted_unit
from openoutcry.evals.experiment_file import parse_experiment
from openoutcry.evals.experiment_service import ExperimentService
from openoutcry.evals.outputs import metrics_document
from openoutcry.evals.plan import plan_experiment
from openoutcry.evals.protocol import ProtocolMeasure, load_protocol, protocol_experiments, protocol_names
from openoutcry.evals.protocol_figures import as_investorbench, as_stockbench, convention_figures
from openoutcry.evals.result import RunState
from openoutcry.evals.run_folder import DECISIONS
from openoutcry.evals.unit_run import run_rule_unit
from openoutcry.evals.view import view_of
from openoutcry.reports.experiment_tables import basis_sentences
from protocol_answers import ProtocolAnswers
from protocol_folder import LONG, write_days, write_evidence
from small_experiment import Seen
from stub.server import StubServer

EXPERIMENTS = [name for name in protocol_names() if load_protocol(name).measure is ProtocolMeasure.EXPERIMENT]
SESSIONS = trading_calendar("XNYS")


def changed(file, **changes):
    """Return an experiment file with other keys."""
    document = yaml.safe_load(file.text) | changes
    text = yaml.safe_dump(document, sort_keys=False)
    return replace(file, text=text, experiment=parse_experiment(text, "changed"))


def short(file, sessions=3):
    """Return the first sessions of a protocol with one seed, its warm-up one session."""
    window = file.experiment.window
    last = SESSIONS.between(window.first, window.last)[sessions - 1]
    wanted = {"from": str(window.first), "to": str(last), "every": "day", "warm_up": min(1, window.warm_up)}
    if window.labelled_from is not None:
        wanted["labelled_from"] = str(window.first - timedelta(days=8))
    return changed(file, seeds=[1], window=wanted)


def folder_of(name, tmp_path):
    """Write a folder with all names of a protocol, the first days of its first window, and all kinds of evidence."""
    spec = load_protocol(name)
    window = spec.windows[0]
    last = SESSIONS.between(window.first, window.last)[5]
    folder = write_days(tmp_path / "market", spec.universe, window.first, last, history=LONG)
    return write_evidence(folder, spec.universe, window.first, last)


def test_the_protocols_are_those_of_the_publications():
    assert set(EXPERIMENTS) == {
        "stockbench",
        "livetradebench",
        "investorbench",
        "deepfund",
        "finsaber",
        "atlas",
        "fincon",
    }
    assert len(load_protocol("stockbench").universe) == 20
    assert len(SESSIONS.between(date(2025, 8, 18), load_protocol("livetradebench").windows[0].last)) == 50
    assert [len(load_protocol("finsaber").windows), str(load_protocol("finsaber").windows[-1].last)] == [
        13,
        "2024-12-31",
    ]


PUBLISHED = {
    "stockbench": {"published": "stockbench"},
    "livetradebench": {"published": "livetradebench"},
    "investorbench": {"published": "investorbench", "without_memory": "investorbench"},
    "deepfund": {"published": "deepfund"},
    "atlas": {"published": "atlas"},
    "fincon": {"fincon": "fincon", "finmem": "finmem"},
    "finsaber": {"finmem": "finmem", "finagent": "finagent"},
}
"""The desk of the publication in each protocol, by arm."""


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_protocol_runs_on_a_folder_that_has_its_names(name, ran, tmp_path):
    folder = folder_of(name, tmp_path)
    result, _ = ran(short(protocol_experiments(name, str(folder))[0]))
    assert result.state is RunState.COMPLETE
    assert set(result.run.facts.symbols) == set(load_protocol(name).universe)
    assert "all of its" in basis_sentences(view_of(result))[0]
    assert metrics_document(result)["comparison"]["notes"] == list(result.run.facts.notes)
    desks = {track.name: track.desk for track in result.run.facts.tracks if track.is_arm and track.name != "one"}
    assert desks == PUBLISHED[name]
    assert all(outcomes_of(result, arm) <= {"orders", "hold"} for arm in PUBLISHED[name])


def outcomes_of(result, arm):
    """Return the outcomes of all decisions of an arm, those of the warm-up too."""
    lines = (result.run.folder / DECISIONS).read_text(encoding="utf-8").splitlines()
    return {made["outcome"] for made in map(json.loads, lines) if made["arm"] == arm}


@pytest.fixture
def stub():
    with StubServer() as server:
        yield server


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_protocol_runs_with_a_model_and_marks_what_it_may_know(name, tmp_path, monkeypatch, stub):
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings = load_settings({"base_url": stub.url, "model": "openai:gpt-5-mini"})
    stub.responder = ProtocolAnswers()
    folder = folder_of(name, tmp_path)
    file = changed(short(protocol_experiments(name, str(folder))[0], 2), baselines=[])
    result = ExperimentService(settings, Seen(), output=tmp_path / "runs").run(file, "local", 1)
    assert result.state is RunState.COMPLETE
    assert sum(track.usage.calls for track in result.tracks) == len(stub.requests) > 0
    assert all(track.usage.calls > 0 for track in result.tracks)
    for arm in PUBLISHED[name]:
        assert {"orders"} <= outcomes_of(result, arm) <= {"orders", "hold"}, arm
    [known] = result.run.facts.known
    assert known.sessions == sum(day <= known.cutoff for day in result.run.facts.sessions)
    marked = any("it may know what happened" in sentence for sentence in basis_sentences(view_of(result)))
    assert marked is (load_protocol(name).windows[0].first <= known.cutoff)


def planned(file, settings, tmp_path):
    return plan_experiment(file, settings, tmp_path / "runs")


def test_a_folder_without_names_or_days_is_refused_and_they_are_named(settings, tmp_path):
    names = load_protocol("deepfund").universe
    missing = date(2025, 3, 18)
    folder = write_days(tmp_path / "m", names[:4], date(2025, 3, 17), date(2025, 4, 17), without={("AXP", missing)})
    [file] = protocol_experiments("deepfund", str(folder))
    with pytest.raises(ConfigError) as refused:
        planned(file, settings, tmp_path)
    for words in ("protocol deepfund", "AXP: no bar on 2025-03-18", "CVX: no daily bars", "--restrict on the 3"):
        assert words in str(refused.value)
    [kept] = protocol_experiments("deepfund", str(folder), restrict=True)
    plan = planned(kept, settings, tmp_path)
    assert plan.symbols == ("AAPL", "BAC", "KO")
    assert plan.notes[0] == (
        "Protocol deepfund, restricted to 3 of its 5 names; left out: AXP: no bar on 2025-03-18; CVX: no daily bars."
    )


def test_a_folder_that_ends_before_the_window_is_refused_also_when_restricted(settings, tmp_path):
    names = load_protocol("deepfund").universe
    folder = write_days(tmp_path / "m", names, date(2025, 3, 17), date(2025, 4, 10))
    for restrict in (False, True):
        [file] = protocol_experiments("deepfund", str(folder), restrict=restrict)
        with pytest.raises(ConfigError, match="no bar on 2025-04-11, 2025-04-14, 2025-04-15 and 2 more sessions"):
            planned(file, settings, tmp_path)


def test_the_demo_market_has_no_names_of_a_publication(settings, tmp_path):
    [file] = protocol_experiments("atlas", "demo")
    with pytest.raises(ConfigError, match="the market demo lacks names or days: LLY: no daily bars"):
        planned(file, settings, tmp_path)


def test_a_protocol_of_long_windows_keeps_a_name_that_ends_inside_one(ran, tmp_path):
    names = load_protocol("finsaber").universe
    ends = {"TSLA": date(2011, 1, 5)}
    folder = write_days(tmp_path / "m", names, date(2011, 1, 1), date(2011, 1, 12), ends=ends)
    result, _ = ran(short(protocol_experiments("finsaber", str(folder))[0], 7))
    assert result.state is RunState.COMPLETE
    assert "TSLA" in result.run.facts.symbols
    assert "0.0049 USD commission a share, at least 0.99 and at most 100 bp" in view_of(result).costs


def test_an_experiment_file_may_use_the_names_of_a_protocol(written, settings, tmp_path):
    folder_of("atlas", tmp_path)
    window = load_protocol("atlas").windows[0]
    text = f"""
name: mine
market: market
universe: {{protocol: atlas, restrict: true}}
window: {{from: {window.first}, to: {SESSIONS.between(window.first, window.last)[3]}}}
seeds: [1]
arms:
  debate: {{desk: debate, model: rules}}
"""
    assert planned(written(text=text), settings, tmp_path).symbols == ("LLY", "NVDA", "XOM")
    with pytest.raises(ConfigError, match=r"small\.yaml: universe\.protocol: there is no protocol 'none'"):
        planned(written(("protocol: atlas", "protocol: none"), text=text), settings, tmp_path)


@pytest.fixture
def indexed_settings(settings, real_index):
    """Return settings whose state folder has the index of the real market data."""
    settings.home.mkdir()
    (settings.home / "cache").symlink_to(real_index)
    return settings


def test_stockbench_on_the_names_of_the_folder_reproduces_buy_and_hold(real_market, indexed_settings, tmp_path):
    """The figures were computed by another program: +2.979 %, -16.693 % and 0.0383, without costs."""
    [file] = protocol_experiments("stockbench", str(real_market), restrict=True)
    account = yaml.safe_load(file.text)["account"] | {"commission_bps": 0}
    plan = planned(changed(file, account=account, seeds=[1]), indexed_settings, tmp_path)
    assert len(plan.symbols) == 12
    assert plan.notes[0].startswith("Protocol stockbench, restricted to 12 of its 20 names; left out: GS: no daily")
    [unit] = [unit for unit in plan.units if unit.track == "buy_and_hold"]
    record = run_rule_unit(unit)
    figures = as_stockbench(np.array([record.cash, *record.equity], dtype=float)[1:])
    assert f"{figures['return']:+.3%}" == "+2.979%"
    assert f"{figures['maximum drawdown']:+.3%}" == "-16.693%"
    assert f"{figures['Sortino']:.4f}" == "0.0383"


def test_the_conventions_of_publications_by_hand():
    found = as_stockbench(np.array([100.0, 100.0, 90.0, 99.0, 94.05]))
    returns = [0.0, -0.1, 0.1, -0.05]
    spread = np.sqrt((0.025**2 + 0.025**2) / 1)
    assert found["return"] == pytest.approx(-0.0595)
    assert found["maximum drawdown"] == pytest.approx(-0.1)
    assert found["Sortino"] == pytest.approx(sum(returns) / 4 / spread)
    log = as_investorbench(np.exp([0.0, 0.0, 0.01, 0.03]))
    volatility = 0.01 / np.sqrt(2) * np.sqrt(252)
    assert log["cumulative return"] == pytest.approx(0.03)
    assert log["Sharpe, as in the code"] == pytest.approx(0.03 / volatility)
    assert log["Sharpe, annualised"] == pytest.approx(0.03 * 84 / volatility)
    assert as_stockbench(np.ones(3))["Sortino"] is None
    assert as_investorbench(np.array([1.0, 0.0, 0.0]))["cumulative return"] is None


def test_a_run_shows_the_figures_as_published(ran, tmp_path):
    folder = folder_of("investorbench", tmp_path)
    result, _ = ran(short(protocol_experiments("investorbench", str(folder))[0], 5))
    cash = {each.name: each.value for each in convention_figures(result) if each.track == "cash"}
    assert cash == {"cumulative return": 0.0, "Sharpe, annualised": None, "Sharpe, as in the code": None}


def test_costs_of_a_share_and_of_value_exclude_each_other():
    [file] = protocol_experiments("atlas", "demo")
    with pytest.raises(ConfigError, match="commission_bps and commission_per_share"):
        changed(file, account={"commission_bps": 1, "commission_per_share": "0.01"})
    assert load_protocol("finsaber").account.commission_per_share == Decimal("0.0049")


def test_investorbench_on_the_folder_comes_close_to_the_published_buy_and_hold(real_market, indexed_settings, tmp_path):
    """Published: 16.65 % and 1.12. The account keeps its dividends in cash; the publication reinvests them."""
    [file] = protocol_experiments("investorbench", str(real_market))
    plan = planned(changed(file, seeds=[1]), indexed_settings, tmp_path)
    [unit] = [unit for unit in plan.units if unit.track == "buy_and_hold"]
    counted = counted_unit(run_rule_unit(unit), plan.file.experiment.window.warm_up)
    assert counted.sessions[0] == date(2020, 10, 1)
    figures = as_investorbench(counted.equity)
    assert f"{figures['cumulative return']:.2%}" == "16.61%"
    assert f"{figures['Sharpe, annualised']:.2f}" == "1.12"
    assert f"{figures['Sharpe, as in the code']:.2f}" == "0.67"


def test_a_labelled_warm_up_fills_the_memory_before_the_first_decision(tmp_path, monkeypatch, stub):
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings = load_settings({"base_url": stub.url, "model": "openai:gpt-5-mini"})
    file = changed(short(protocol_experiments("investorbench", str(folder_of("investorbench", tmp_path)))[0], 2))
    window = {key: value for key, value in yaml.safe_load(file.text)["window"].items() if key != "labelled_from"}
    service = ExperimentService(settings, Seen(), output=tmp_path / "runs")
    keys, recalled = {}, {}
    for name, labels in (("empty", {}), ("filled", {"labelled_from": "2020-09-14"})):
        asked, start = changed(file, window=window | labels), len(stub.requests)
        keys[name] = {unit.track: unit.key for unit in service.plan(asked).units}
        service.run(asked, "local", 1)
        recalled[name] = [
            record.request.prompt
            for record in stub.requests[start:]
            if "as of 2020-09-30" in record.request.prompt and "[mem." in record.request.prompt
        ]
    assert not recalled["empty"]
    assert len(recalled["filled"]) == 1
    assert {track for track in keys["empty"] if keys["empty"][track] != keys["filled"][track]} == {"published"}


def test_a_manager_of_fincon_is_told_of_the_account_that_lost_on_the_day_before(tmp_path, monkeypatch, stub):
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    settings = load_settings({"base_url": stub.url, "model": "openai:gpt-5-mini"})
    file = short(protocol_experiments("fincon", str(folder_of("fincon", tmp_path)))[0], 6)
    file = changed(file, baselines=[], compare={}, arms={"fincon": {"desk": "fincon"}}, universe=["AAPL"])
    service = ExperimentService(settings, Seen(), output=tmp_path / "runs")
    [unit] = service.plan(file).units
    with service.run(file, "local", 1).run.units() as store:
        record = store.find(unit.key)
    equity = [record.cash, *record.equity]
    lost = [str(day) for day, before, after in zip(record.sessions, equity, equity[1:], strict=False) if after < before]
    asked = [each.prompt for each in stub.chats if "the last day lost" in each.prompt]
    warned = sorted(day for day in map(str, record.sessions) if any(f"as of {day}" in each for each in asked))
    assert warned == lost != []
