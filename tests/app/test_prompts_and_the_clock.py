"""Prompts hold nothing that changes with the clock, so that a recording answers them at any later time."""

from datetime import UTC, datetime

from openoutcry.app import dry_run as module
from openoutcry.app import factories
from openoutcry.app.settings import load_settings
from scripted_answers import TICKER


def test_the_same_decision_has_the_same_prompts_at_two_times(home, monkeypatch):
    shown = []
    for moment in (datetime(2025, 7, 1, 9, tzinfo=UTC), datetime(2025, 7, 29, 17, 23, 45, tzinfo=UTC)):
        for reader in (module, factories):
            monkeypatch.setattr(reader, "now", lambda moment=moment: moment)
        shown.append([one.rendered for one in module.dry_run(TICKER, "2025-03-03", load_settings({"model": "rules"}))])
    assert shown[0] == shown[1]
    assert len(shown[0]) > 8
