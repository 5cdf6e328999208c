"""Keys of a role in a desk file: templates, samples, charts, persona; and the time in force of typed orders."""

from decimal import Decimal
from pathlib import Path

import pytest
from desk_factory import rules, taken
from openoutcry.agents.role import Role
from openoutcry.domain.account import Holding
from openoutcry.domain.decision import Outcome
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.orders import TimeInForce
from openoutcry.domain.outputs import SingleAgentOutput
from openoutcry.graph.desk_config import desk_path, load_desk
from openoutcry.tools.charts import kinds
from scripted_answers import AS_OF, CLEAR, ORDER, THESIS
from transcripts import decision_of, scripted_desk

FILE = """
name: ours
roles: [{{role: analyst, name: news, tools: [news], {role}}}]
deliberation: {{kind: panel}}
decision: {{kind: exposure}}
calls: {calls}
"""


@pytest.fixture
def load(tmp_path):
    """Return a function that loads a desk with further keys of its role."""

    def read(role="model: quick", calls="{}"):
        path = tmp_path / "ours.yaml"
        path.write_text(FILE.format(role=role, calls=calls), encoding="utf-8")
        return load_desk(str(path))

    return read


@pytest.mark.parametrize(
    ("role", "calls", "said"),
    [
        ("charts: candles", "{}", "'price', 'bollinger', 'trend' or 'trades'"),
        ("charts: [price, price]", "{}", "a chart is listed twice"),
        ("template: {first: a}", "{}", "template.follow_up"),
        ("template: {first: a, follow_up: b}, prompt: c", "{}", "both prompt and template"),
        ("samples: 99", "{}", "roles.0.samples"),
        ("samples: 3", "{news: {samples: 2}}", "stated in roles too"),
        ("blind_to: [weather]", "{}", "roles.0.blind_to"),
    ],
    ids=["charts", "charts-twice", "half-template", "two-prompts", "samples", "samples-twice", "blind"],
)
def test_what_is_wrong_is_named(load, role, calls, said):
    with pytest.raises(ConfigError, match=said):
        load(role, calls)


def test_samples_of_a_role_are_calls_of_it(load):
    assert load("samples: 3").all_calls["news"].samples == 3
    assert not load().all_calls


@pytest.mark.parametrize(
    ("written", "charts"),
    [
        ("off", ()),
        ("on", ("price",)),
        ("trend", ("trend",)),
        ("[bollinger, trades]", ("bollinger", "trades")),
    ],
)
def test_charts_are_off_or_one_or_several(load, written, charts):
    role = load(f"charts: {written}").roles[0]
    assert role.charts == charts
    assert role.model_dump(mode="json")["charts"] == (list(charts) or "off")


def test_rules_draw_no_charts_and_decide_as_without(demo, tmp_path, monkeypatch):
    monkeypatch.setattr(kinds, "find_spec", lambda _: object())
    monkeypatch.setattr(Role, "draw_charts", lambda *_: pytest.fail("a rule needs no chart"))
    path = tmp_path / "charted.yaml"
    text = Path(desk_path("quantagent")).read_text(encoding="utf-8")
    path.write_text(text.replace("charts: off}", "charts: trend}"), encoding="utf-8")
    plain, charted = (taken(rules(demo, desk)) for desk in ("quantagent", str(path)))
    assert (charted.risk, charted.thesis, charted.charts) == (plain.risk, plain.thesis, ())
    assert charted.provenance.config_hash != plain.provenance.config_hash


def test_a_role_that_works_on_a_book_has_no_charts(tmp_path):
    path = tmp_path / "ours.yaml"
    text = Path(desk_path("alpha_weights")).read_text(encoding="utf-8")
    path.write_text(text.replace("role: single_agent,", "charts: price, role: single_agent,"), encoding="utf-8")
    with pytest.raises(ConfigError, match="of a desk over a book has no charts"):
        load_desk(str(path))


def test_a_follow_up_is_asked_once_the_account_holds_the_symbol(demo):
    desk, model = scripted_desk("atlas", demo)
    held = {CLEAR: Holding(CLEAR, Decimal(5), Decimal(100), Decimal(136))}
    decision_of(desk, CLEAR, AS_OF)
    decision_of(desk, CLEAR, AS_OF, holdings=held)
    decision_of(desk, CLEAR, AS_OF, holdings={Symbol("CALDR"): Holding(Symbol("CALDR"), Decimal(5), 1, 1)})
    said = [request.user for request in model.asked if request.role == "market"]
    assert ["have reported on this instrument before" in text for text in said] == [False, True, False]


@pytest.mark.parametrize("tif", [TimeInForce.DAY, TimeInForce.GTC])
def test_a_desk_of_day_orders_refuses_other_times_in_force(demo, tif):
    order = ORDER.model_copy(update={"time_in_force": tif})
    answer = SingleAgentOutput(**THESIS.model_dump(), orders=(order,), rationale="One order.")
    desk, _ = scripted_desk("atlas", demo, trader=answer)
    decision = decision_of(desk, CLEAR, AS_OF)
    if tif is TimeInForce.DAY:
        assert [each.time_in_force for each in decision.risk.allowed] == [tif]
    else:
        assert decision.outcome is Outcome.ABSTAIN
        assert "day orders only" in decision.abstention.reason


def test_each_voter_is_asked_in_its_character(demo):
    desk, model = scripted_desk("tradinggpt", demo)
    decision_of(desk, CLEAR, AS_OF)
    shown = {request.role: request.user.split("Character of the desk: ")[1].split("\n")[0] for request in model.asked}
    assert len(set(shown.values())) == 3
    assert shown["averse"].startswith("You avoid risk")
