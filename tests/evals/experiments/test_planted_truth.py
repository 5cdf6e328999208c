"""Experiments whose answer is known: planted signals, a useless prompt change, identical arms."""

import asyncio
import json
import random
from datetime import date

import pytest
import yaml
from openoutcry.app.settings import load_settings
from openoutcry.domain.ids import Symbol
from openoutcry.evals.demo_experiment import ExperimentConfig, ExperimentUnit, desk_of, run_all, world
from openoutcry.evals.statistics.bootstrap import ConfidenceInterval
from openoutcry.evals.statistics.comparison import ArmVerdict, compare_with
from openoutcry.evals.statistics.pairing import PairKey
from openoutcry.prompts.library import BUILT_IN as PROMPTS
from stub.server import StubServer

FIRST, LAST = date(2023, 7, 3), date(2023, 12, 29)
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


def expected_profits(desks, symbols, seeds=(7, 11)):
    """Return what each desk's positions earn of the planted signal, as a share of opening cash, by session."""
    from openoutcry.desk.strategies.desk_strategy import DeskStrategy

    found = {name: {} for name in desks}
    for seed in seeds:
        source = world(seed, LAST).source
        configs = {name: ExperimentConfig(FIRST, LAST, desk=path, every="week") for name, path in desks.items()}
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
universe: [CALDR, GRUND, HALDM]
window: {from: 2024-01-02, to: 2024-02-15}
seeds: [1, 2]
arms:
  plain: {desk: single_agent, model: "openai:gpt-5-mini"}
  polite: {desk: single_agent, model: "openai:gpt-5-mini", prompts: polite}
compare: {against: plain}
"""


def stochastic():
    """Return a responder that draws a direction for every request, whatever the prompt says."""
    chance = random.Random(5)

    def respond(request):
        answer = json.loads(json.dumps(STUB.fill(request)))
        side = chance.choice(["buy", "sell_short", "hold"])
        return json.dumps(directed(answer, side))

    return respond


class STUB:
    """Fills the schema of a request as the stub does by default."""

    @staticmethod
    def fill(request):
        raise NotImplementedError


def directed(answer, side):
    return answer | {"side": side}


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
