"""Optimization of a prompt: better texts are found, others are refused or rolled back, the window is used once."""

import json
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
from openoutcry.desk.learning.instructions.score import benchmark_score
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.optimize.optimization_service import OptimizationInterrupted, OptimizationState
from openoutcry.evals.plan import plan_experiment
from openoutcry.evals.trial_log import TrialLog, TrialWindow
from openoutcry.prompts.library import load_prompts
from stub_trader import CASH, FICKLE, SHORT, StubDesk, block, with_sentence

POLITE = "Be polite."
JUDGED = TrialWindow("demo", date(2025, 3, 3), date(2025, 3, 7))
TUNING = TrialWindow("demo", date(2025, 2, 3), date(2025, 2, 24))


def statuses(result):
    return [str(each.status) for each in result.attempts]


def trials(tmp_path, window):
    with closing(TrialLog(tmp_path / "home" / "trials.db")) as log:
        return log.trials(window)


@pytest.mark.parametrize(
    ("total", "benchmark", "score"),
    [(0.04, 0.02, 55), (-0.1, 0.02, 20), (0.3, 0.0, 100), (-0.3, 0.1, 0), (0.2, 0.2, 50)],
)
def test_the_score_is_relative_to_buy_and_hold_and_clipped(total, benchmark, score):
    assert benchmark_score(total, benchmark) == pytest.approx(score)


def test_the_better_text_is_found_and_judged_on_the_window(written, optimized):
    file = written(("to: 2025-03-07", "to: 2025-03-31"))
    result, _ = optimized(file, StubDesk(*map(with_sentence, (POLITE, CASH, SHORT))))
    assert statuses(result) == ["not_better", "adopted", "adopted"]
    assert result.attempts[0].score == result.original_score < result.attempts[1].score < result.attempts[2].score
    assert result.state is OptimizationState.JUDGED
    [found] = result.judged.comparisons
    assert (found.arm, found.against, found.sessions) == ("optimized", "original", 21)
    assert found.interval.value > 0
    assert result.judged.run.facts.sessions[0] == date(2025, 3, 3)
    changed = load_prompts(result.winner).get("single_agent")
    assert changed.system.endswith(SHORT)
    assert changed.user == load_prompts().get("single_agent").user
    [difference] = result.differences
    assert f"+{SHORT}" in difference.sections[-1].diff


def test_every_proposal_is_a_trial_on_the_tuning_window_and_none_on_the_other(written, optimized, tmp_path):
    optimized(written(), StubDesk(with_sentence(POLITE), "Buy {{ticker}}.", with_sentence(SHORT)))
    tried = {each.name: each for each in trials(tmp_path, TUNING)}
    assert set(tried) == {"original", "opro 1", "opro 2", "opro 3"}
    assert {each.source for each in tried.values()} == {"optimize"}
    assert [name for name, each in tried.items() if each.sharpe is None] == ["opro 2"]
    assert len(trials(tmp_path, JUDGED)) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (with_sentence("Look at {{evidence}}."), "must not have placeholders"),
        (block().replace("`conviction`", "conviction"), "lacks `conviction`"),
        (with_sentence("## user\nDecide on {{ticker}}."), "heading of a section"),
        (with_sentence("Be brief. " * 700), "characters; at most 8000"),
    ],
)
def test_a_text_that_breaks_the_prompt_is_rejected_without_a_trade(written, optimized, stub, text, reason):
    desk = StubDesk(text)
    result, _ = optimized(written(), desk)
    assert statuses(result) == ["rejected"] * 3
    assert reason in result.attempts[0].reason
    assert reason in desk.asked[1].prompt
    assert (result.state, result.winner, result.judged) == (OptimizationState.NOTHING_ADOPTED, None, None)
    assert len(stub.requests) == 10 + 3


def test_a_text_that_is_worse_in_the_shadow_evaluation_is_rolled_back(written, optimized):
    desk = StubDesk(*map(with_sentence, (CASH, FICKLE, POLITE)))
    result, _ = optimized(written(), desk)
    assert statuses(result) == ["adopted", "rolled_back", "not_better"]
    rolled = result.attempts[1]
    assert rolled.score > rolled.incumbent_score
    assert rolled.shadow_score < rolled.incumbent_shadow_score
    assert load_prompts(result.winner).get("single_agent").system.endswith(CASH)
    assert "rolled_back" in desk.asked[2].prompt


def test_a_text_that_was_tried_is_not_tried_again(written, optimized, stub):
    result, _ = optimized(written(), StubDesk(with_sentence(POLITE)))
    assert statuses(result) == ["not_better", "repeated", "repeated"]
    assert len(stub.requests) == 20 + 3


def test_it_stops_at_the_budget_and_a_larger_one_continues_without_repeated_calls(written, optimized, stub):
    desk = StubDesk(*map(with_sentence, (POLITE, CASH, SHORT)))
    ended, _ = optimized(written(), desk, max_calls=25)
    assert (ended.state, statuses(ended), len(stub.requests)) == (OptimizationState.BUDGET_ENDED, ["not_better"], 25)
    assert "the optimization's budget of 25 model calls is used up" in ended.budget_error
    assert ended.judged is None
    optimized(written(), desk, max_calls=26)
    assert len(stub.requests) == 26
    result, _ = optimized(written(), desk, max_calls=500)
    assert (result.state, statuses(result)) == (OptimizationState.JUDGED, ["not_better", "adopted", "adopted"])
    continued = len(stub.requests)
    optimized(written(), StubDesk(*map(with_sentence, (POLITE, CASH, SHORT))), output="whole")
    assert len(stub.requests) == 2 * continued


def test_the_budget_covers_the_judgement(written, optimized, stub):
    desk = StubDesk(*map(with_sentence, (POLITE, CASH, SHORT)))
    ended, _ = optimized(written(), desk, max_calls=62)
    assert (ended.state, len(stub.requests)) == (OptimizationState.BUDGET_ENDED, 62)
    assert statuses(ended) == ["not_better", "adopted", "adopted"]
    result, _ = optimized(written(), desk, max_calls=500)
    assert result.state is OptimizationState.JUDGED


def test_it_stops_at_the_budget_in_usd(written, optimized, stub):
    desk = StubDesk(*map(with_sentence, (POLITE, CASH, SHORT)))
    ended, _ = optimized(written(), desk, max_cost_usd=Decimal("0.03"))
    assert (ended.state, ended.judged) == (OptimizationState.BUDGET_ENDED, None)
    assert "the optimization's budget of 0.03 USD" in ended.budget_error
    assert 0 < len(stub.requests) < 40


def test_a_window_without_data_is_refused_before_the_first_call(written, optimized, stub):
    with pytest.raises(ConfigError, match="2099"):
        optimized(written(("from: 2025-03-03, to: 2025-03-07", "from: 2099-03-03, to: 2099-03-07")), StubDesk(block()))
    assert stub.requests == []


def test_an_interrupted_optimization_goes_on_and_ends_in_the_same_result(written, optimized, stub):
    texts = tuple(map(with_sentence, (POLITE, CASH, SHORT)))
    whole, _ = optimized(written(), StubDesk(*texts), output="whole")
    calls = len(stub.requests)
    stub.requests.clear()
    desk = StubDesk(*texts)
    with pytest.raises(OptimizationInterrupted):
        optimized(written(), desk, stop_after=2)
    result, seen = optimized(written(), desk)
    assert len(stub.requests) == calls
    assert result.attempts == whole.attempts == tuple(seen.attempts)
    stored = json.loads((result.folder / "optimization.json").read_text(encoding="utf-8"))
    assert [each["status"] for each in stored["proposals"]] == statuses(whole)


def test_the_winner_is_judged_once(written, optimized, stub):
    desk = StubDesk(*map(with_sentence, (CASH, POLITE, SHORT)))
    first, _ = optimized(written(), desk)
    calls = len(stub.requests)
    again, _ = optimized(written(), desk)
    assert (len(stub.requests), again.judged.comparisons) == (calls, first.judged.comparisons)
    with pytest.raises(ConfigError, match="further proposals would be chosen with knowledge of it; use --proposals 3"):
        optimized(written(), desk, proposals=4)
    with pytest.raises(ConfigError, match=r"is not untouched: opro-tuned-\w+ was judged on 2025-03-03 to"):
        optimized(written(("to: 2025-02-24", "to: 2025-02-25")), desk)
    control, _ = optimized(written(), StubDesk(CASH), method="reflection")
    assert control.state is OptimizationState.JUDGED


def test_results_on_the_tuning_window_are_refused(written, optimized, settings, tmp_path):
    result, _ = optimized(written(), StubDesk(*map(with_sentence, (CASH, POLITE, SHORT))))
    arm = ('model: "openai:gpt-5-mini"}', f'model: "openai:gpt-5-mini", prompts: {result.winner}}}')
    tuning = ("tuning: {from: 2025-02-03, to: 2025-02-24}\n", "")
    on_tuning = written(arm, tuning, ("window: {from: 2025-03-03", "window: {from: 2025-02-24"), name="again.yaml")
    with pytest.raises(ConfigError, match="prompts were tuned on 2025-02-03 to 2025-02-24, which overlaps the window"):
        plan_experiment(on_tuning, settings, tmp_path)
    plan_experiment(written(arm, tuning, name="later.yaml"), settings, tmp_path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("tuning: {from: 2025-02-03, to: 2025-02-24}\n", ""), "tuning is missing"),
        (("window: {from: 2025-03-03, to: 2025-03-07}", "window: {from: 2025-01-02, to: 2025-01-31}"), "window after"),
        (("to: 2025-02-24", "to: 2025-02-11"), "each part needs 5 sessions"),
        (('"openai:gpt-5-mini"', "rules"), "answered by rules"),
    ],
)
def test_what_cannot_be_optimized_is_refused(written, optimized, stub, change, reason):
    with pytest.raises(ConfigError, match=reason):
        optimized(written(change), StubDesk(block()))
    assert stub.requests == []


def test_overlapping_windows_and_unused_prompts_are_refused(written, optimized):
    with pytest.raises(ConfigError, match="overlaps the window"):
        written(("to: 2025-02-24", "to: 2025-03-04"))
    with pytest.raises(ConfigError, match="arm one uses the prompts reflector, single_agent; choose one"):
        optimized(written(), StubDesk(block()), prompt="trader")
    with pytest.raises(ConfigError, match="the experiment has the arms one"):
        optimized(written(), StubDesk(block()), arm="two")
    with pytest.raises(ConfigError, match="at least 3 are needed"):
        optimized(written(), StubDesk(block()), proposals=2)


def test_the_reflection_on_a_week_is_added_to_the_original_text(written, optimized):
    desk = StubDesk(CASH, "Go on.", SHORT)
    result, _ = optimized(written(), desk, method="reflection")
    assert statuses(result) == ["adopted", "not_better", "adopted"]
    text = load_prompts(result.winner).get("single_agent").system
    assert text.endswith(f"{block()}\n\nReflection on recent sessions:\n{SHORT}")
    assert "score" not in desk.asked[1].prompt
    assert desk.asked[0].prompt.count("; return that followed") == 5
