"""`openoutcry eval`: output for people and programs, comparisons with everything they rest on, wrong input."""

import importlib.util
import json
from datetime import date

import pytest
from openoutcry.prompts.library import BUILT_IN as PROMPTS
from protocol_folder import write_days
from small_experiment import PLAIN

BASIS = ("Costs: 1 bp commission, 2 bp slippage", "Trials: ", "Knowledge cut-off: ", "Data fingerprint: ")


@pytest.fixture
def experiment(home):
    path = home.parent / "small.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    return path


@pytest.fixture
def stored(openoutcry, experiment):
    ran = openoutcry("eval", "run", experiment, "--workers", "1", "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def table(text, first):
    rows = [line.split("\t") for line in text.splitlines() if "\t" in line]
    start = next(place for place, row in enumerate(rows) if row[0] == first)
    return [dict(zip(rows[start], row, strict=False)) for row in rows[start + 1 :] if len(row) == len(rows[start])]


def test_a_run_prints_figures_intervals_and_what_they_rest_on(openoutcry, experiment):
    ran = openoutcry("eval", "run", experiment, "--workers", "1")
    assert ran.code == 0, ran.err
    figures = {row["figure"]: row for row in table(ran.out, "figure")}
    assert figures["return"]["cash"] == "+0.00%"
    assert figures["Sharpe"]["cash"] == "n/a"
    rows = {row["arm"]: row for row in table(ran.out, "arm")}
    assert set(rows) >= {"debate", "buy_and_hold", "cash"}
    assert rows["debate"]["95% interval"].startswith("[")
    for words in BASIS:
        assert words in ran.out
    assert "SYNTHETIC MARKET" in ran.err
    assert "[8/8] 0 failed" in ran.err
    assert "the run is stored in " in ran.err


def test_the_document_says_what_was_compared_on_which_data(stored):
    assert (stored["schema"], stored["state"]) == ("openoutcry.experiment/1", "complete")
    comparison = stored["comparison"]
    assert comparison["against"] == "tight"
    assert comparison["fingerprint"] == stored["market"]["fingerprint"]
    assert comparison["trials"] == 2
    debate = next(each for each in comparison["arms"] if each["arm"] == "debate")
    assert debate["interval"][0] <= debate["difference"] <= debate["interval"][1]
    assert debate["pairs"] == 2 * debate["sessions"] == 2 * stored["window"]["sessions"]


def test_runs_are_listed_shown_compared_audited_and_reported(openoutcry, stored, home):
    listed = json.loads(openoutcry("eval", "list", "--json").out)
    assert [(run["run_id"], run["state"], run["units"]) for run in listed] == [(stored["run_id"], "finished", 8)]
    shown = json.loads(openoutcry("eval", "show", "small", "--json").out)
    assert shown == stored
    compared = openoutcry("eval", "compare", "latest", "--against", "cash", "--metric", "gross_return")
    assert {row["against"] for row in table(compared.out, "arm")} == {"cash"}
    assert all(words in compared.out for words in BASIS)
    checks = json.loads(openoutcry("eval", "audit", "latest", "--json").out)["checks"]
    verdicts = {check["name"]: check["verdict"] for check in checks}
    assert (verdicts["fill timing"], verdicts["seeds"]) == ("passed", "warning")
    assert (verdicts["time travel"], verdicts["fills after decisions"]) == ("passed", "passed")
    page = home.parent / "page.html"
    assert openoutcry("eval", "report", "latest", "--html", page).code == 0
    text = page.read_text(encoding="utf-8")
    assert "OpenOutcry experiment report" in text
    assert "http" not in text.replace("http-equiv", "")


def test_an_experiment_is_audited_before_it_is_run(openoutcry, experiment, home):
    text = PLAIN.replace("to: 2024-01-31", "to: 2024-01-05").replace("debate, model: rules}", "debate, prompts: late}")
    experiment.write_text(text, encoding="utf-8")
    (home.parent / "late").mkdir()
    prompt = (PROMPTS / "trader.md").read_text(encoding="utf-8").replace("## user", "Sell on 2024-01-04.\n\n## user")
    (home.parent / "late" / "trader.md").write_text(prompt, encoding="utf-8")
    ran = openoutcry("eval", "audit", experiment)
    assert ran.code == 1, ran.err
    rows = {row["check"]: row["verdict"] for row in table(ran.out, "check")}
    assert (rows["prompts without the future"], rows["time travel"]) == ("failed", "passed")
    assert not (home / "experiments").exists()


def test_two_runs_are_compared_only_on_the_same_data_and_window(openoutcry, stored, experiment):
    experiment.write_text(PLAIN.replace("max_position: 0.02", "max_position: 0.05"), encoding="utf-8")
    other = json.loads(openoutcry("eval", "run", experiment, "--workers", "1", "--json").out)
    joined = json.loads(openoutcry("eval", "compare", stored["run_id"], other["run_id"], "--json").out)
    assert f"tight@{other['run_id']}" in {each["arm"] for each in joined["arms"]}
    assert joined["trials"] == 3
    experiment.write_text(PLAIN.replace("to: 2024-01-31", "to: 2024-01-30"), encoding="utf-8")
    longer = json.loads(openoutcry("eval", "run", experiment, "--workers", "1", "--json").out)
    refused = openoutcry("eval", "compare", stored["run_id"], longer["run_id"])
    assert (refused.code, "differ in data fingerprint, window, so" in refused.err) == (2, True)
    same = openoutcry("eval", "compare", stored["run_id"], stored["run_id"])
    assert (same.code, "has no arm that" in same.err) == (2, True)


def test_a_dry_run_stores_nothing(openoutcry, experiment, home):
    ran = openoutcry("eval", "run", experiment, "--dry-run", "--workers", "1")
    assert ran.code == 0, ran.err
    rows = {row["arm"]: row for row in table(ran.out, "arm")}
    assert (rows["debate"]["units"], rows["debate"]["decisions"], rows["debate"]["calls"]) == ("2", "42", "0")
    assert not (home / "experiments").exists()


def test_the_dry_run_of_an_ablation_shows_its_arms_and_stores_nothing(openoutcry, experiment, home):
    ran = openoutcry("eval", "ablate", "debate", "--experiment", experiment, "--dry-run", "--workers", "1")
    assert ran.code == 0, ran.err
    assert {row["arm"] for row in table(ran.out, "arm")} >= {"full", "memory_off", "rounds_0", "one_agent", "vote_5"}
    assert not (home / "experiments").exists()


def test_a_run_is_exported_line_by_line(openoutcry, stored, home):
    ran = openoutcry("eval", "export", "latest")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert {(line["schema"], line["arm"]) for line in lines} == {
        ("openoutcry.trajectory/1", "debate"),
        ("openoutcry.trajectory/1", "tight"),
    }
    path = home.parent / "labels.jsonl"
    refused = openoutcry("eval", "export", "latest", "--format", "labels", "--file", path)
    assert (refused.code, "too few sessions" in refused.err, path.exists()) == (2, True, False)
    assert openoutcry("eval", "export", "latest", "--file", path).code == 0
    again = openoutcry("eval", "export", "latest", "--file", path)
    assert (again.code, "exists; give another name, or --force" in again.err) == (2, True)
    assert path.read_text(encoding="utf-8") == ran.out


ROLLING = """
name: rolling
description: two windows
universe: [AAA, BBB]
rolling: {first: 2011, last: 2012, years: 1, step: 1, every: month}
seeds: [1]
account: {margin: true, commission_bps: 1}
arms: {one: {desk: single_agent, model: rules}, hold: {desk: debate, model: rules}}
compare: {varies: [desk, prompts]}
"""


def test_every_window_of_a_protocol_is_audited(openoutcry, home, monkeypatch):
    monkeypatch.setattr("openoutcry.evals.protocol.PROTOCOLS", home.parent)
    (home.parent / "rolling.yaml").write_text(ROLLING, encoding="utf-8")
    folder = write_days(home.parent / "market", ["AAA", "BBB"], date(2011, 1, 3), date(2012, 12, 31))
    ran = openoutcry("eval", "audit", "rolling", "--market", folder, "--json")
    found = json.loads(ran.out)
    assert [each["run_id"].rsplit("-", 1)[0] for each in found] == ["rolling-2011", "rolling-2012"]
    assert all({check["name"] for check in each["checks"]} >= {"time travel", "placebo news"} for each in found)
    tables = openoutcry("eval", "audit", "rolling", "--market", folder).out
    assert tables.count("time travel") == 2


def test_the_dry_run_of_an_audit_gives_the_cost_of_calling_the_models(openoutcry, experiment, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    text = experiment.read_text(encoding="utf-8").replace("model: rules", "model: 'openai:gpt-5-mini'")
    experiment.write_text(text, encoding="utf-8")
    ran = openoutcry("eval", "audit", experiment, "--with-model", "--dry-run", "--json")
    costs = json.loads(ran.out)
    assert ran.code == 0, ran.err
    assert {each["arm"] for each in costs} == {"debate", "tight"}
    assert {each["check"] for each in costs} == {
        "masked against unmasked",
        "counterfactual with the model",
        "placebo news with the model",
    }
    assert all(each["calls"] > each["decisions"] > 0 and float(each["cost_usd"]) > 0 for each in costs)


def test_a_kept_decision_is_shown_whole(openoutcry, stored, home):
    [folder] = (home / "experiments" / "runs").iterdir()
    page = (folder / "report.html").read_text(encoding="utf-8")
    run_id = page.split('href="#record-')[1].split('"')[0]
    shown = openoutcry("eval", "show", "latest", "--decision", run_id)
    document = json.loads(shown.out)
    assert (shown.code, document["run_id"], document["schema"]) == (0, run_id, "openoutcry.decision/2")
    unknown = openoutcry("eval", "show", "latest", "--decision", "nothing")
    assert (unknown.code, "has not kept a decision 'nothing'" in unknown.err) == (2, True)


def test_a_parquet_file_needs_a_name_and_the_extra(openoutcry, stored, home):
    unnamed = openoutcry("eval", "export", "latest", "--format", "parquet")
    assert (unnamed.code, "name it with --file" in unnamed.err) == (2, True)
    path = home.parent / "decisions.parquet"
    ran = openoutcry("eval", "export", "latest", "--format", "parquet", "--file", path)
    if importlib.util.find_spec("pyarrow") is None:
        assert (ran.code, "openoutcry[parquet]" in ran.err, path.exists()) == (2, True, False)
    else:
        assert (ran.code, "decisions were written to" in ran.err) == (0, True)
        assert path.read_bytes()[:4] == b"PAR1"


def test_an_output_folder_holds_the_runs(openoutcry, experiment, home):
    ran = openoutcry("eval", "run", experiment, "--workers", "1", "--output", "mine", "--json")
    name = json.loads(ran.out)["run_id"]
    assert (home.parent / "mine" / name / "units.sqlite").is_file()
    assert openoutcry("eval", "list", "--output", "mine").out.count("small-") == 1
    assert "no run yet" in openoutcry("eval", "list").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("run", "nothing"), 2, "there is no experiment 'nothing'; choose one of"),
        (("run", "none.yaml"), 2, "none.yaml cannot be read"),
        (("run", "small.yaml", "--runner", "moon"), 2, "--runner"),
        (("run", "small.yaml", "--workers", "0"), 2, "--workers"),
        (("run", "small.yaml", "--restrict"), 2, "--market and --restrict are for protocols"),
        (("run", "atlas"), 2, "the market demo lacks names or days: LLY: no daily bars"),
        (("run", "demo-signals", "--dry-run"), 2, "protocol demo-signals is for the demo market and has no dry run"),
        (("show", "latest"), 2, "there is no run in"),
        (("report", "latest", "--html", "page.pdf"), 2, "must end in .html"),
        (("compare", "latest", "--metric", "luck"), 2, "--metric"),
    ],
)
def test_wrong_input_is_refused_in_one_sentence(openoutcry, experiment, arguments, code, said):
    ran = openoutcry("eval", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_an_arm_that_is_not_there_is_named_with_those_that_are(openoutcry, stored):
    ran = openoutcry("eval", "compare", "latest", "--against", "nobody")
    assert (ran.code, "has the arms and baselines debate, tight" in ran.err) == (2, True)
