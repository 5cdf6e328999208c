"""Running: reuse of units, interruption and kill without effect on the metrics, isolation of arms, pairs."""

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from openoutcry.domain.errors import ConfigError, NoData
from openoutcry.evals.experiment_service import ExperimentInterrupted, ExperimentService, RunnerKind
from openoutcry.evals.outputs import metrics_document
from openoutcry.evals.result import RunState, evaluate
from openoutcry.evals.run_folder import stored_runs
from openoutcry.evals.statistics.comparison import ArmVerdict
from openoutcry.evals.unit_store import FILE_NAME, UnitStore
from openoutcry.prompts.library import BUILT_IN as PROMPTS
from small_experiment import PLAIN

PATIENCE_S = 120


@pytest.fixture
def metrics(without_time):
    return lambda result: without_time(metrics_document(result))


def test_every_unit_is_stored_and_used_again(written, ran, metrics):
    file = written()
    result, seen = ran(file)
    assert (result.state, seen.reused, result.accounts, result.dropped) == (RunState.COMPLETE, 0, 2, 0)
    assert [each.done for each in seen.progresses] == list(range(1, 9))
    again, later = ran(file)
    assert (later.reused, later.progresses) == (8, [])
    assert metrics(again) == metrics(result)


def test_the_files_of_a_run_hold_the_experiment_the_metrics_and_every_decision(written, ran):
    file = written()
    result, _ = ran(file)
    folder = result.run.folder
    assert (folder / "experiment.yaml").read_text(encoding="utf-8") == file.text
    stored = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    assert [track["name"] for track in stored["tracks"]] == ["debate", "tight", "buy_and_hold", "cash"]
    lines = [json.loads(line) for line in (folder / "decisions.jsonl").read_text(encoding="utf-8").splitlines()]
    sessions = stored["window"]["sessions"]
    assert len(lines) == 4 * 2 * sessions
    assert {line["arm"] for line in lines} == {"debate", "tight", "buy_and_hold", "cash"}
    assert "OpenOutcry experiment report" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_changed_prompt_is_a_new_unit_and_the_others_are_used_again(written, ran, tmp_path):
    first, _ = ran(written())
    (tmp_path / "terse").mkdir()
    text = (PROMPTS / "trader.md").read_text(encoding="utf-8")
    (tmp_path / "terse" / "trader.md").write_text(text.replace("## user", "Be brief.\n\n## user"), encoding="utf-8")
    changed, seen = ran(written(("tight: {desk: debate,", "tight: {desk: debate, prompts: terse,")))
    assert changed.run.facts.run_id != first.run.facts.run_id
    assert seen.reused == 6
    assert seen.notices == ["6 finished units of other runs are used again"]
    assert len(seen.progresses) == 2


def test_identical_arms_differ_by_exactly_nothing(written, ran):
    same = (", limits: {max_position: 0.02}", "")
    result, _ = ran(written(same, ("name: small", "name: small\nallow_identical: true")))
    [found] = [each for each in result.comparisons if each.arm == "debate"]
    assert (found.verdict, found.interval.low, found.interval.high) == (ArmVerdict.IDENTICAL, 0, 0)


def test_an_interrupted_run_goes_on_and_ends_in_the_same_metrics(written, ran, metrics):
    whole, _ = ran(written(), output="whole")
    with pytest.raises(ExperimentInterrupted) as stopped:
        ran(written(), stop_after=3)
    assert stopped.value.run_id == whole.run.facts.run_id
    result, seen = ran(written())
    assert (seen.reused, len(seen.progresses)) == (3, 5)
    assert metrics(result) == metrics(whole)


def start(tmp_path):
    line = [sys.executable, "-c", "from openoutcry.cli.app import main; main()", "eval", "run", "small.yaml"]
    environment = {**os.environ, "OPENOUTCRY_HOME": str(tmp_path / "killed")}
    return subprocess.Popen(
        [*line, "--output", "runs", "--workers", "1"],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_killed_run_ends_in_the_same_metrics(written, ran, metrics, tmp_path):
    longer = ("to: 2024-01-31", "to: 2024-03-28")
    whole, _ = ran(written(longer), output="whole")
    killed, pause = start(tmp_path), threading.Event()
    path = tmp_path / "runs" / whole.run.facts.run_id
    deadline = time.monotonic() + PATIENCE_S
    while not finished_units(path):
        assert killed.poll() is None
        assert time.monotonic() < deadline
        pause.wait(0.02)
    killed.kill()
    killed.communicate()
    done = finished_units(path)
    result, seen = ran(written(longer))
    assert seen.reused == done < 8
    assert metrics(result) == metrics(whole)


def finished_units(folder):
    if not (folder / FILE_NAME).is_file():
        return 0
    with closing(UnitStore(folder)) as store:
        return len(store.finished())


def test_several_processes_of_which_one_dies_end_in_the_same_metrics(written, settings, tmp_path, ran, metrics):
    whole, _ = ran(written(), output="whole")

    class Killer:
        killed = 0

        def notice(self, _text): ...

        def started(self, _plan, _reused): ...

        def progress(self, _progress):
            if not self.killed:
                self.killed = multiprocessing.active_children()[0].pid
                os.kill(self.killed, 9)

    killer = Killer()
    service = ExperimentService(settings, killer, output=tmp_path / "runs")
    result = service.run(written(), RunnerKind.LOCAL, 2)
    assert killer.killed or os.cpu_count() == 1
    assert metrics(result) == metrics(whole)


def test_a_unit_that_fails_in_one_arm_drops_its_pair_and_is_counted(written, ran, settings):
    result, _ = ran(written())
    [run] = stored_runs(result.run.folder.parent)
    with run.units() as store:
        row = next(row for row in store.planned() if (row.track, row.symbols) == ("debate", "GRUND"))
        store._file.connection.execute("DELETE FROM results WHERE key = ?", (row.key,))
        store.fail(row.key, "the endpoint was down", datetime(2026, 1, 1, tzinfo=UTC))
    found = evaluate(run, settings)
    assert (found.state, found.accounts, found.dropped) == (RunState.UNITS_FAILED, 1, 1)
    assert found.failures == (("debate on GRUND, seed 7", "the endpoint was down"),)
    assert {each.pairs for each in found.comparisons} == {len(run.facts.sessions)}
    again, seen = ran(written())
    assert (again.state, len(seen.progresses)) == (RunState.COMPLETE, 1)


def test_without_a_common_account_nothing_is_compared(written, ran, settings):
    result, _ = ran(written())
    [run] = stored_runs(result.run.folder.parent)
    with run.units() as store:
        for row in store.planned():
            if row.track == "debate":
                store._file.connection.execute("DELETE FROM results WHERE key = ?", (row.key,))
    found = evaluate(run, settings)
    assert (found.state, found.tracks, found.comparisons) == (RunState.NOTHING_TO_COMPARE, (), ())


def test_one_session_has_no_verdict_and_no_undefined_number(written, ran):
    result, _ = ran(written(("to: 2024-01-31", "to: 2024-01-02")))
    text = json.dumps(metrics_document(result), allow_nan=False, default=str)
    assert {each.verdict for each in result.comparisons} <= {ArmVerdict.TOO_FEW_PAIRS, ArmVerdict.IDENTICAL}
    assert "NaN" not in text


def test_the_warm_up_is_traded_and_not_counted(written, ran):
    whole, _ = ran(written())
    result, seen = ran(written(("to: 2024-01-31}", "to: 2024-01-31, warm_up: 15}")))
    assert seen.reused == 8, "the warm-up changes what is counted, not what is run"
    full, part = (found.tracks[0] for found in (whole, result))
    assert part.sessions == full.sessions[15:]
    assert part.equity == full.equity[15:]


def test_each_arm_has_a_folder_a_memory_and_an_account_of_its_own(written, ran, settings):
    monthly = ("to: 2024-01-31}", "to: 2024-03-28, every: week}")
    memory = [("model: rules}\n", "model: rules, memory: default}\n"), ("{max_position: 0.02}", "{max_position: 0.02}")]
    tight = ("limits: {max_position: 0.02}", "memory: default, limits: {max_position: 0.02}")
    file = written(monthly, tight, *memory[:1])
    result, _ = ran(file)
    folders = {path.parent.parent.name: path for path in result.run.folder.glob("arms/*/*/memory")}
    assert set(folders) == {"debate", "tight"}
    journals = {
        name: b"".join(sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file()))
        for name, folder in folders.items()
    }
    with result.run.units() as store:
        keys = {name: {row.key for row in store.planned() if row.track == name} for name in folders}
    assert any(key.encode() in journals["debate"] for key in keys["debate"])
    assert not any(key.encode() in journals["tight"] for key in keys["debate"])
    assert not any(key.encode() in journals["debate"] for key in keys["tight"])


def test_one_account_can_hold_the_whole_universe(written, ran):
    result, seen = ran(written(("slippage_bps: 2", "slippage_bps: 2, scope: book")))
    assert (len(seen.progresses), result.accounts) == (4, 1)
    assert result.tracks[0].by_symbol[0].part == "CALDR,GRUND"
    held = result.tracks[2]
    assert 0.9 < held.gross[1] / held.equity[0] < 1.0, "buy and hold divides the account among the symbols"


@pytest.mark.parametrize(
    ("before", "after", "kind", "said"),
    [
        ("[CALDR, GRUND]", "[CALDR, NOWHERE]", NoData, "no ticker NOWHERE"),
        ("[CALDR, GRUND]", "[CALDR, caldr]", ConfigError, "universe: CALDR occurs twice"),
        ("[CALDR, GRUND]", "{protocol: nothing}", ConfigError, "there is no protocol 'nothing'"),
        ("[CALDR, GRUND]", "{as_of: 2024-01-02, index: sp500}", ConfigError, "the demo market has no index"),
        (
            "GRUND]\nwindow: {from: 2024-01-02",
            "NIMBK]\nwindow: {from: 2020-09-01",
            ConfigError,
            "NIMBK did not exist on",
        ),
        ("from: 2024-01-02, to: 2024-01-31", "from: 2024-01-06, to: 2024-01-07", ConfigError, "no session of XNYS"),
        ("to: 2024-01-31}", "to: 2024-01-31, warm_up: 21}", ConfigError, "leaves none to count"),
        ("seeds: [7]", "seeds: [7]\nmarket: live", ConfigError, "data that do not change"),
        ("seeds: [7]", "seeds: [7]\nmarket: nowhere", ConfigError, "market"),
    ],
)
def test_what_the_market_cannot_give_is_refused_before_anything_is_stored(
    written, ran, tmp_path, before, after, kind, said
):
    with pytest.raises(kind) as refused:
        ran(written((before, after)))
    assert said in str(refused.value)
    assert not (tmp_path / "runs").exists()


def test_the_key_of_a_unit_depends_on_everything_that_its_result_depends_on(written, settings, tmp_path):
    def keys(*changes):
        service = ExperimentService(settings, None, output=tmp_path / "runs")
        plan = service.plan(written(*changes))
        return {unit.key for unit in plan.units if unit.track == "debate"}

    plain = keys()
    for change in (
        ("seeds: [7]", "seeds: [8]"),
        ("to: 2024-01-31", "to: 2024-02-01"),
        ("to: 2024-01-31}", "to: 2024-01-31, every: week}"),
        ("cash: 100000", "cash: 100001"),
        ("slippage_bps: 2", "slippage_bps: 3"),
        ("debate: {desk: debate", "debate: {desk: single_agent"),
        ("debate: {desk: debate,", "debate: {desk: debate, memory: default,"),
    ):
        assert not keys(change) & plain, change
    assert keys(("name: small", "name: other"), ("against: tight", "against: debate")) == plain


def test_two_runs_at_a_time_are_refused(written, ran, settings):
    from openoutcry.app.settings import home
    from openoutcry.desk.records.run_lease import RunLease
    from openoutcry.domain.errors import StoreLocked

    result, _ = ran(written())
    lease = RunLease(home(settings) / "leases", result.run.facts.run_id, what="experiment")
    with lease.held(), pytest.raises(StoreLocked, match="another process works on experiment small-"):
        ran(written())


def test_records_do_not_depend_on_the_text_of_the_file(written, ran, metrics):
    one, _ = ran(written())
    two, _ = ran(replace(written(), text=PLAIN + "# a comment\n"), output="other")
    assert metrics(one) == metrics(two)


def test_the_random_baseline_trades_about_as_much_as_the_arm_that_is_compared_with(written, ran):
    longer = ("from: 2024-01-02, to: 2024-01-31", "from: 2023-01-03, to: 2024-01-31")
    file = written(longer, ("[buy_and_hold, cash]", "[random]"), ("seeds: [7]", "seeds: [7, 8]"))
    result, seen = ran(file)
    assert len(seen.progresses) == 3 * 2 * 2
    by_name = {track.name: track.figure("turnover").mean for track in result.tracks}
    assert by_name["tight"] < by_name["debate"] * 0.7
    assert 0.4 * by_name["tight"] < by_name["random"] < 2.5 * by_name["tight"]
    against_debate, _ = ran(
        written(longer, ("[buy_and_hold, cash]", "[random]"), ("against: tight", "against: debate"), name="b.yaml")
    )
    changed = {track.name: track.figure("turnover").mean for track in against_debate.tracks}
    assert changed["random"] > 1.5 * by_name["random"]
