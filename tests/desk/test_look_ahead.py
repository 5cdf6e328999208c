"""A source that shows what was not known yet stops the decision: it never costs one role its view and trades on."""

from datetime import timedelta

import pytest
from desk_factory import rules, scripted, taken
from openoutcry.domain.errors import LookAheadError

AHEAD = timedelta(days=120)


class Leaking:
    """A market source that answers one kind of question as of a later time than it is asked for."""

    def __init__(self, source, kind):
        self.source, self.kind = source, kind

    def __getattr__(self, name):
        honest = getattr(self.source, name)
        if name != self.kind:
            return honest
        return lambda *args, until, **rest: honest(*args, until=until + AHEAD, **rest)


@pytest.mark.parametrize("kind", ["bars", "news", "filings", "macro", "dividends"])
@pytest.mark.parametrize("desk", ["debate", "single_agent"])
def test_a_leak_of_any_kind_stops_the_decision(demo, kind, desk):
    with pytest.raises(LookAheadError):
        taken(rules(Leaking(demo, kind), desk=desk))


@pytest.mark.parametrize("kind", ["news", "filings"])
def test_a_leak_stops_a_decision_by_a_model_too(demo, kind):
    with pytest.raises(LookAheadError):
        taken(scripted(Leaking(demo, kind)))


def test_an_honest_source_through_the_same_wrapper_is_decided_on(demo):
    assert taken(rules(Leaking(demo, "nothing"))).outcome
