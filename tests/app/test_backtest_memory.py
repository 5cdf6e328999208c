"""A backtest with a memory of its own: warmed up before the window, and the same when it is repeated."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from memory_desk import LABELLED_DESK
from openoutcry.app.backtest_request import BacktestRequest
from openoutcry.app.backtest_service import BacktestInterrupted, BacktestService
from openoutcry.app.factories import open_market, open_memory
from openoutcry.app.settings import load_settings
from openoutcry.desk.backtest import Every
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.model.account_rules import AccountRules
from openoutcry.memory.record import Namespace, Source
from openoutcry.reports.backtest_document import backtest_document

CALDR = Symbol("CALDR")
DAYS = BacktestRequest(
    (CALDR,), date(2025, 3, 3), date(2025, 3, 7), Every.DAY, Decimal(100_000), "USD", AccountRules(margin=True),
    warm_up_from=date(2025, 2, 18),
)  # fmt: skip


class Heard:
    """Keeps the id of a backtest; `stop` is raised after so many sessions."""

    def __init__(self, stop_after=None):
        self.ids, self.seen, self.stop_after = [], 0, stop_after

    def notice(self, text):
        """Ignore a notice."""

    def started(self, backtest_id, text, *, synthetic):
        self.ids.append(backtest_id)

    def progress(self, progress):
        self.seen += 1
        if self.seen == self.stop_after:
            raise KeyboardInterrupt


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text(LABELLED_DESK)
    return load_settings({"demo_seed": 7, "model": "rules", "desk": str(path), "home": str(tmp_path / "home")})


def run(settings, request=DAYS, heard=None):
    return BacktestService(settings, heard or Heard()).run(request, open_market(settings))


def remembered(settings, backtest_id, *sources):
    space = Namespace("demo-7", backtest_id, agent="warmed:rules")
    with open_memory(settings, preset="finmem") as memory:
        return memory.at(datetime(2030, 1, 1, tzinfo=UTC), space).records(CALDR, sources=sources), memory.journal.head()


def without_time(view):
    document = backtest_document(view)
    return {name: value for name, value in document.items() if name != "run"}


def test_labels_end_before_the_window_and_decisions_follow(settings):
    heard = Heard()
    run(settings, heard=heard)
    theses, _ = remembered(settings, heard.ids[0], Source.THESIS)
    labelled = sorted(each.event_at.date() for each in theses if each.fact("labelled"))
    decided = sorted(each.event_at.date() for each in theses if not each.fact("labelled"))
    assert labelled[0] == date(2025, 2, 18)
    assert labelled[-1] == date(2025, 2, 27)
    assert decided == [date(2025, 3, day) for day in (3, 4, 5, 6, 7)]


def test_a_stopped_and_repeated_backtest_remembers_the_same_as_one_in_one_go(settings, tmp_path):
    heard = Heard(stop_after=2)
    with pytest.raises(BacktestInterrupted):
        run(settings, heard=heard)
    continued = run(settings)
    other = settings.model_copy(update={"home": tmp_path / "other"})
    assert without_time(continued) == without_time(run(other))
    names = (settings, other)
    found = [remembered(each, heard.ids[0], *Source)[0] for each in names]
    assert found[0] == found[1] != ()
    head = remembered(settings, heard.ids[0])[1]
    run(settings)
    assert remembered(settings, heard.ids[0])[1] == head


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (replace(DAYS, warm_up_from=date(2025, 3, 3)), "no session"),
        (replace(DAYS, warm_up_from=date(2025, 2, 28)), "no session"),
    ],
    ids=["inside the window", "too late for a label"],
)
def test_a_warm_up_that_reaches_into_the_window_is_refused(settings, request_, message):
    with pytest.raises(ConfigError, match=message):
        run(settings, request_)


def test_a_desk_without_memory_cannot_use_one(settings):
    plain = settings.model_copy(update={"desk": "single_agent"})
    request = replace(DAYS, warm_up_from=None, with_memory=True)
    with pytest.raises(ConfigError, match="no memory"):
        run(plain.model_copy(update={"remember": False}), request)
    with pytest.raises(ConfigError, match="labelled"):
        run(plain, DAYS)
