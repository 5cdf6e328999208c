"""The best and worst decisions of a run are kept whole, and the links of its report open them."""

import json
import re
from contextlib import closing

from openoutcry.domain.orders import Action
from openoutcry.evals.experiment_service import ExperimentService
from openoutcry.evals.run_folder import REPORT
from openoutcry.evals.unit_store import UnitStore
from small_experiment import PLAIN, Seen


def test_the_best_and_worst_decisions_are_kept_whole(written, ran):
    result, _ = ran(written())
    examples = (*result.best, *result.worst)
    assert len(result.best) == len(result.worst) == 5
    for each in examples:
        document = json.loads(each.document)
        assert document["schema"] == "openoutcry.decision/2"
        assert (document["run_id"], document["ticker"]) == (each.decision.run_id, each.decision.symbol)
        assert document["thesis"]["conviction"] == each.decision.conviction
        assert document["evidence"]
        assert document["reports"]
        assert {order["action"] for order in document["orders"] if Action(order["action"]).opens} == set(
            each.decision.opened
        )


def test_every_link_of_the_report_opens_the_record_of_its_decision(written, ran):
    result, _ = ran(written())
    page = (result.run.folder / REPORT).read_text(encoding="utf-8")
    links = re.findall(r'href="#record-([^"]+)"', page)
    assert sorted(links) == sorted(each.decision.run_id for each in (*result.best, *result.worst))
    for run_id in links:
        assert page.count(f'id="record-{run_id}"') == 1
        section = page.split(f'id="record-{run_id}"')[1].split("</section>")[0]
        assert "openoutcry.decision/2" in section
        assert "prompt_hashes" in section


def test_a_unit_keeps_at_most_ten_decisions_and_baselines_none(written, ran):
    result, _ = ran(written())
    with result.run.units() as store:
        arms = {row.key: row.track for row in store.planned()}
        rows = store._file.rows("SELECT key, COUNT(*) FROM documents GROUP BY key")
    assert {arms[key] for key, _ in rows} == {"debate", "tight"}
    assert all(0 < count <= 10 for _, count in rows)


def test_decisions_of_the_warm_up_are_no_examples(written, ran):
    warm = ("to: 2024-01-31}", "to: 2024-01-31, warm_up: 10}")
    result, _ = ran(written(warm))
    first = result.tracks[0].sessions[0]
    assert all(each.document and each.decision.session >= first for each in (*result.best, *result.worst))


def test_all_decisions_are_kept_on_request_and_survive_their_use_in_another_run(written, settings, tmp_path):
    file = written(("baselines: [buy_and_hold, cash]", "baselines: [cash]"))
    service = ExperimentService(settings, Seen(), output=tmp_path / "runs", keep_decisions=True)
    result = service.run(file, "local", 1)
    with result.run.units() as store:
        kept = store.documents()
        made = {each.run_id for row in store.planned() for each in store.find(row.key).decisions}
    assert set(kept) == made
    other = written(("baselines: [buy_and_hold, cash]", "baselines: []"))
    adopted = ExperimentService(settings, Seen(), output=tmp_path / "runs").run(other, "local", 1)
    with adopted.run.units() as store:
        found = set(store.documents())
    assert {each.decision.run_id for each in (*adopted.best, *adopted.worst)} < found < set(kept)


def test_a_store_of_an_earlier_version_is_read_without_documents(written, ran):
    result, _ = ran(written())
    folder = result.run.folder
    with closing(UnitStore(folder)) as store, store._file.writing() as connection:
        connection.execute("DROP TABLE documents")
        connection.execute("PRAGMA user_version = 1")
    with closing(UnitStore(folder)) as store:
        assert store.documents() == ()
        assert store.document("any") is None
        assert len(store.finished()) == len(store.planned())


def test_the_small_experiment_has_more_examples_than_are_kept(written, ran):
    assert "debate" in PLAIN
    result, _ = ran(written())
    count = sum(track.outcomes.get("orders", 0) for track in result.tracks if track.is_arm)
    with result.run.units() as store:
        assert count > len(store.documents())
