"""The ablation of a desk: which arms it has, that each runs, and what is left out."""

import pytest
import yaml
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.ablation import desk_variants, write_ablation, written_desk
from openoutcry.evals.arms import resolve_arms
from openoutcry.evals.result import RunState
from openoutcry.graph.desk_config import BUILT_IN, load_desk

BASE = """
name: base
universe: [CALDR]
window: {from: 2024-01-02, to: 2024-01-04}
seeds: [7]
account: {margin: true}
arms: {any: {desk: debate}}
"""
ANALYSTS = ("technical", "news", "fundamentals", "macro")


@pytest.fixture
def ablation(settings, tmp_path):
    """Return a function that writes the ablation of a desk under short conditions."""
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    return lambda desk: write_ablation(desk, str(tmp_path / "base.yaml"), tmp_path / "ablation", settings)


def test_every_part_of_the_debate_is_left_out_once(ablation, settings, tmp_path):
    made = ablation("debate")
    arms = made.file.experiment.arms
    expected = {"full", "memory_off", "committee_off", "one_agent", "same_tokens", "vote_5"}
    expected |= {f"without_{name}" for name in ANALYSTS} | {"debate_off", "rounds_0", "rounds_2", "rounds_3"}
    assert set(arms) == expected  # one round is the whole desk
    assert made.left_out == ()
    assert made.file.experiment.against == "full"
    assert {arm.memory for name, arm in arms.items() if name != "memory_off"} == {"default"}
    assert arms["memory_off"].memory == "none"
    found = {arm.name: arm for arm in resolve_arms(made.file, settings)}
    assert len({arm.content.hash for arm in found.values()}) == len(found)
    for name in ANALYSTS:
        assert name not in found[f"without_{name}"].prompts
        assert name in found["full"].prompts
    assert "risk_manager" not in found["committee_off"].prompts
    assert {"bull", "bear", "research_manager"} & found["full"].prompts.keys()
    assert not {"bull", "bear", "research_manager"} & found["debate_off"].prompts.keys()


def test_the_single_agent_takes_about_as_many_tokens_as_the_desk(ablation, tmp_path):
    ablation("debate")
    desks = {path.stem: load_desk(str(path)) for path in (tmp_path / "ablation" / "desks").iterdir()}
    assert desks["vote_5"].calls["single_agent"].samples == 5
    assert 1 < desks["same_tokens"].calls["single_agent"].samples <= 15
    assert not desks["one_agent"].calls
    assert not (tmp_path / "ablation" / "one_agent-prompts.yaml").exists()


def test_the_arms_run_as_one_experiment(ablation, ran):
    result, _ = ran(ablation("debate").file)
    assert result.state is RunState.COMPLETE
    assert {each.against for each in result.comparisons} == {"full"}
    assert result.trials == len(result.run.facts.tracks)


def test_a_desk_of_one_agent_has_only_its_memory_to_lose(ablation):
    assert set(ablation("single_agent").file.experiment.arms) == {"full", "memory_off"}


@pytest.mark.parametrize("desk", sorted(path.stem for path in BUILT_IN.glob("*.yaml")))
def test_every_built_in_desk_is_ablated_or_says_in_one_sentence_what_it_needs(desk, ablation, settings):
    made = ablation(desk)
    assert len(resolve_arms(made.file, settings)) == len(made.file.experiment.arms)
    for sentence in made.left_out:
        assert f"is left out: the desk {desk} cannot be without it: " in sentence
        assert not any(word in sentence for word in ("Value error", "[type=", "input_value"))


def test_a_desk_that_is_shown_its_last_decisions_loses_them_with_its_memory(ablation, settings):
    arms = {arm.name: arm for arm in resolve_arms(ablation("stockbench").file, settings)}
    assert arms["full"].desk.memory.last == 7
    assert arms["memory_off"].desk.memory.last == 0
    assert arms["full"].content.hash != arms["memory_off"].content.hash


def test_the_signals_go_with_the_only_analyst_that_reads_them(ablation, settings):
    arms = {arm.name: arm for arm in resolve_arms(ablation("finagent").file, settings)}
    assert arms["full"].desk.signals
    assert not arms["without_strategies"].desk.signals


def test_the_variants_do_not_change_the_desk():
    desk = written_desk("debate")
    before = yaml.safe_dump(desk)
    assert len(list(desk_variants(desk, 3))) > 10
    assert yaml.safe_dump(desk) == before


def test_a_desk_that_is_not_there_is_refused(ablation):
    with pytest.raises(ConfigError, match="there is no desk 'nothing'"):
        ablation("nothing")
