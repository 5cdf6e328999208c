"""The warm-up of the memory of an account: before its first decision, and in the memory that decisions use."""

from datetime import date

import pytest
from app.conftest import RecordingObserver
from memory_desk import LABELLED_DESK
from openoutcry.app.decision_service import DecisionService
from openoutcry.app.memory_warm_up import MemoryWarmUp
from openoutcry.app.settings import load_settings
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol

CALDR = Symbol("CALDR")
FIRST = date(2025, 2, 18)


class Quiet:
    """Ignores the events of a warm-up."""

    def notice(self, text):
        """Ignore a notice."""

    def progress(self, progress):
        """Ignore progress."""


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "desk.yaml"
    path.write_text(LABELLED_DESK)
    return load_settings({"demo_seed": 7, "model": "rules", "desk": str(path), "home": str(tmp_path / "home")})


def warmed(settings, last, before=None):
    return MemoryWarmUp(settings, Quiet()).run([CALDR], FIRST, last, before)


def decided(settings):
    return DecisionService(settings, RecordingObserver()).decide("CALDR", "2025-03-03T21:00+00:00").decision


def test_decisions_use_the_memory_that_the_warm_up_has_filled(settings):
    assert warmed(settings, date(2025, 2, 27)).labelled == 8
    assert decided(settings).recalled


def test_a_warm_up_after_decisions_ends_before_the_first_of_them(settings):
    decided(settings)
    with pytest.raises(ConfigError, match="the test begins at 2025-03-03; end the warm-up on 2025-02-27 or earlier"):
        warmed(settings, date(2025, 2, 28))
    assert warmed(settings, date(2025, 2, 27)).test == date(2025, 3, 3)


def test_the_test_can_be_said_to_begin_earlier(settings):
    with pytest.raises(ConfigError, match="the test begins at 2025-02-26"):
        warmed(settings, date(2025, 2, 25), date(2025, 2, 26))


def test_the_memory_of_another_account_is_not_filled(settings):
    warmed(settings.model_copy(update={"account": "other"}), date(2025, 2, 27))
    assert not decided(settings).recalled
