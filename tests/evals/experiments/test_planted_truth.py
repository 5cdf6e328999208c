"""Experiments whose answer is known: planted signals, a useless prompt change, identical arms."""

import asyncio
import random
from datetime import date

import pytest
import yaml
from openoutcry.app.settings import load_settings
from openoutcry.desk.strategies.desk_strategy import DeskStrategy
from openoutcry.domain.ids import Symbol
from openoutcry.evals.demo_experiment import ExperimentConfig, ExperimentUnit, desk_of, run_all, world
from openoutcry.evals.experiment_service import ExperimentService, RunnerKind
from openoutcry.evals.result import RunState
from openoutcry.evals.statistics.bootstrap import ConfidenceInterval
from openoutcry.evals.statistics.comparison import ArmVerdict, compare_with
from openoutcry.evals.statistics.pairing import PairKey
from openoutcry.prompts.library import BUILT_IN as PROMPTS
from small_experiment import Seen
from stub.answers import Filler
from stub.server import StubServer, fill

FIRST, LAST = date(2023, 8, 1), date(2023, 12, 29)
SHOCKS, OTHERS = ("HALDM", "MARRW", "NIMBK", "SOLVK"), ("CALDR", "GRUND", "LUMVN", "QUORB")
ANALYST = "  - {{role: analyst, name: {0}, tools: [{1}]}}\n"


@pytest.fixture(scope="module")
def desks(tmp_path_factory):
    """Write a desk that sees news and macro data, and one that sees macro data alone."""
    folder, macro = tmp_path_factory.mktemp("desks"), ANALYST.format("macro", "macro, calendar")
    rest = "deliberation: {kind: debate, sides: [bull, bear], rounds: 0, judge: research_manager}\n"
    for name, roles in (("sees", ANALYST.format("news", "news, sentiment") + macro), ("blind", macro)):
        (folder / f"{name}.yaml").write_text(f"name: {name}\nroles:\n{roles}{rest}", encoding="utf-8")
    return {name: str(folder / f"{name}.yaml") for name in ("sees", "blind")}


def expected_profits(desks, symbols, seeds=(7, 11, 12)):
    """Return what each desk's positions earn of the planted signal, as a share of opening cash, by session."""
    found = {name: {} for name in desks}
    for seed in seeds:
        source = world(seed, LAST).source
        configs = {name: ExperimentConfig(FIRST, LAST, desk=path, every="day") for name, path in desks.items()}
        strategies = {name: DeskStrategy(desk_of(config, source)) for name, config in configs.items()}
        for symbol in symbols:
            unit = ExperimentUnit(seed, Symbol(symbol))
            result = asyncio.run(run_all(unit, configs["sees"], strategies))
            for name, track in result.tracks.items():
                for session, earned in zip(track.walk.sessions, track.planted, strict=True):
                    found[name][PairKey(session, symbol, seed)] = earned / track.walk.cash
    return found


def test_seeing_news_is_worth_something_where_news_move_prices(desks):
    [found] = compare_with(expected_profits(desks, SHOCKS), "blind")
    assert found.verdict is ArmVerdict.BETTER
    assert found.interval.low > 0


def test_seeing_news_is_worth_nothing_where_they_do_not(desks):
    [found] = compare_with(expected_profits(desks, OTHERS), "blind")
    assert found.verdict is not ArmVerdict.BETTER
    assert found.interval.low <= 0


USELESS = """
name: useless
universe: [CALDR, HALDM]
window: {from: 2024-01-02, to: 2024-02-08}
seeds: [1]
account: {commission_bps: 1, margin: true}
arms:
  plain: {desk: single_agent, model: "openai:gpt-5-mini"}
  polite: {desk: single_agent, model: "openai:gpt-5-mini", prompts: polite}
compare: {against: plain}
"""


def stochastic(seed=5):
    """Return a responder that draws a direction for every request, whatever the prompt says."""
    chance = random.Random(seed)
    views = (("buy", 0.6, "buy"), ("sell", -0.6, "short"))

    def respond(request):
        rating, conviction, action = chance.choice(views)
        values = {"rating": rating, "conviction": conviction, "action": action, "quantity": 50}
        return fill(Filler(values=values), request)

    return respond


def test_a_useless_sentence_in_a_prompt_makes_no_difference(written, tmp_path, monkeypatch):
    text = (PROMPTS / "single_agent.md").read_text(encoding="utf-8")
    (tmp_path / "polite").mkdir()
    changed = text.replace("## user", "Please be polite.\n\n## user")
    (tmp_path / "polite" / "single_agent.md").write_text(changed, encoding="utf-8")
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    with StubServer(responder=stochastic()) as stub:
        settings = load_settings({"base_url": stub.url})
        result = ExperimentService(settings, Seen(), output=tmp_path / "runs").run(
            written(text=USELESS), RunnerKind.LOCAL, 1
        )
    assert result.state is RunState.COMPLETE
    assert len(result.run.facts.prompt_changes) == 1
    assert all(track.costs > 0 for track in result.tracks)
    [found] = result.comparisons
    assert found.verdict is ArmVerdict.NO_DIFFERENCE
    assert found.interval.low < 0 < found.interval.high
    assert found.interval.value != 0


@pytest.mark.parametrize("seed", [7])
def test_identical_arms_differ_by_exactly_nothing(written, ran, seed):
    text = {
        "name": "same",
        "universe": ["CALDR", "GRUND"],
        "window": {"from": "2024-01-02", "to": "2024-02-09"},
        "seeds": [seed],
        "allow_identical": True,
        "arms": {name: {"desk": "debate", "model": "rules"} for name in ("one", "other")},
    }
    result, _ = ran(written(text=yaml.safe_dump(text, sort_keys=False)))
    [found] = result.comparisons
    assert found.verdict is ArmVerdict.IDENTICAL
    assert found.interval == ConfidenceInterval(0.0, 0.0, 0.0)
