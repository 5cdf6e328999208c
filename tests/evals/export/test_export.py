"""Exports of a run: trajectories, training examples, preference pairs, ratings with an embargo, MLflow."""

import importlib.util
import json
from datetime import date

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.experiment_file import load_experiment
from openoutcry.evals.experiment_service import ExperimentService, RunnerKind
from openoutcry.evals.export.labels import label_lines
from openoutcry.evals.export.mlflow_export import export_to_mlflow
from openoutcry.evals.export.training import pair_lines, sft_lines
from openoutcry.evals.export.trajectories import TrajectoryCall, last_calls, reward_of, trajectories, trajectory_line
from small_experiment import PLAIN, Seen
from stub.answers import Filler
from stub.server import StubServer, fill

MODELS = """
name: models
universe: [CALDR, GRUND, HALDM, KESTR]
window: {from: 2024-01-02, to: 2024-01-04}
account: {margin: true}
seeds: [1]
allow_identical: true
arms:
  one: {desk: single_agent, model: "openai:gpt-5-mini"}
  rules: {desk: single_agent, model: rules}
  other: {desk: single_agent, model: "openai:gpt-5"}
compare: {against: rules, varies: [model]}
"""


def respond(request):
    """Let one model always buy, and the other always sell short."""
    buys = request.body["model"] == "gpt-5-mini"
    rating, conviction, action = ("buy", 0.6, "buy") if buys else ("sell", -0.6, "short")
    values = {"rating": rating, "conviction": conviction, "action": action, "quantity": 9}
    return fill(Filler(values=values), request)


def ran(folder, text):
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    patch = pytest.MonkeyPatch()
    with StubServer(responder=respond) as stub, patch.context() as context:
        context.setenv("OPENOUTCRY_HOME", str(folder / "home"))
        context.setenv("OPENAI_API_KEY", "sk-test")
        settings = load_settings({"base_url": stub.url})
        service = ExperimentService(settings, Seen(), output=folder / "runs")
        return service.run(load_experiment(str(folder / "x.yaml")), RunnerKind.LOCAL, 1), settings


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return ran(tmp_path_factory.mktemp("models"), MODELS)[0]


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    text = PLAIN.replace("from: 2024-01-02", "from: 2023-09-01")
    return ran(tmp_path_factory.mktemp("rules"), text.replace("to: 2024-01-31}", "to: 2024-01-31, every: month}"))


def test_a_trajectory_has_the_messages_the_answer_and_what_followed(models):
    found = [json.loads(trajectory_line(each)) for each in trajectories(models.run)]
    assert {each["arm"] for each in found} == {"one", "rules", "other"}
    mine = [each for each in found if each["arm"] == "one"]
    assert len(mine) == 12
    for each in mine:
        [call] = each["calls"]
        assert [message["role"] for message in call["messages"]][:2] == ["system", "user"]
        assert json.loads(call["reply"])["conviction"] == each["conviction"]
        assert each["symbol"] in call["messages"][1]["content"]
    rewards = [each["reward"] for each in mine if each["reward"] is not None]
    assert any(value > 0 for value in rewards)
    assert any(value < 0 for value in rewards)
    assert all(not each["calls"] for each in found if each["arm"] == "rules")
    assert "sk-test" not in json.dumps(found)


def test_a_call_that_another_one_continues_is_left_out():
    begun = TrajectoryCall("r", "m", ({"role": "user", "content": "a"},), "wrong")
    more = ({"role": "assistant", "content": "wrong"}, {"role": "user", "content": "correct it"})
    corrected = TrajectoryCall("r", "m", begun.messages + more, "right")
    other = TrajectoryCall("s", "m", begun.messages, "mine")
    assert last_calls([begun, corrected, other]) == (corrected, other)


def test_the_reward_is_the_return_in_the_direction_of_the_conviction(models):
    for each in trajectories(models.run):
        made = each.decision
        if reward_of(made) is not None:
            assert reward_of(made) == (1 if made.conviction > 0 else -1) * made.forward_return


def test_examples_for_training_are_answers_that_were_followed_by_gains(models):
    lines = [json.loads(line) for line in sft_lines(trajectories(models.run))]
    gained = [each for each in trajectories(models.run) if each.reward and each.reward > 0 and each.calls]
    assert len(lines) == len(gained) > 0
    for line in lines:
        assert line["messages"][-1]["role"] == "assistant"
        assert line["metadata"]["reward"] > 0


def test_a_preference_pair_has_one_prompt_and_prefers_the_answer_that_gained(models):
    pairs = [json.loads(line) for line in pair_lines(trajectories(models.run))]
    assert pairs
    for pair in pairs:
        chosen, rejected = pair["metadata"]["chosen"], pair["metadata"]["rejected"]
        assert chosen["reward"] > rejected["reward"]
        assert chosen["session"] == rejected["session"]
        assert pair["chosen"] != pair["rejected"]
        assert {chosen["arm"], rejected["arm"]} == {"one", "other"}


def test_ratings_use_no_price_of_the_test_window(rules):
    result, settings = rules
    days = trading_calendar("XNYS").between(date(2023, 9, 1), date(2024, 1, 31))
    start = days[-20]
    lines = [json.loads(line) for line in label_lines(result.run, settings, start)]
    last = max(date.fromisoformat(line["session"]) for line in lines)
    assert days.index(last) == days.index(start) - 16
    assert {line["rating"] for line in lines} >= {"buy", "sell", "hold"}
    whole = [json.loads(line) for line in label_lines(result.run, settings, None)]
    assert len(whole) > len(lines)
    assert [line["score"] for line in lines] == [line["score"] for line in whole if line["session"] <= str(last)]


@pytest.mark.parametrize("day", ["2023-09-01", "2023-09-20"])
def test_a_test_window_that_leaves_nothing_to_fit_is_refused(rules, day):
    with pytest.raises(ConfigError, match=r"give a (later day|longer window)"):
        list(label_lines(rules[0].run, rules[1], date.fromisoformat(day)))


MLFLOW = importlib.util.find_spec("mlflow") is not None


@pytest.mark.skipif(MLFLOW, reason="MLflow is installed")
def test_without_mlflow_the_installation_is_named(rules):
    with pytest.raises(ConfigError, match=r"pip install 'openoutcry\[mlflow\]'"):
        export_to_mlflow(rules[0], None)


@pytest.mark.skipif(not MLFLOW, reason="MLflow is not installed")
@pytest.mark.filterwarnings("ignore")
def test_mlflow_receives_a_run_for_each_arm(rules, tmp_path):
    import mlflow

    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert export_to_mlflow(rules[0], uri) == len(rules[0].tracks)
    found = mlflow.search_runs(experiment_names=["small"])
    assert set(found["params.arm"]) == {track.name for track in rules[0].tracks}
