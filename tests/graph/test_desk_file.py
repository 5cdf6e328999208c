"""Desk files: what is wrong is named, with its place."""

import pytest
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.desk_config import built_in_desks, load_desk
from openoutcry.graph.roles import RoleKind
from openoutcry.graph.team_builder import build_team
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits

GOOD = """
name: two
roles:
  - {role: analyst, name: technical, tools: [bars]}
  - {role: analyst, name: news, tools: [news]}
deliberation: {kind: debate, sides: [bull, bear], rounds: 2, judge: research_manager}
risk: {committee: [neutral], chair: risk_manager}
"""


@pytest.fixture
def desk_at(tmp_path):
    """Return a function that writes a desk file and returns its path."""

    def write(text):
        path = tmp_path / "desk.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_built_in_desks_load():
    assert {"debate", "single_agent"} <= set(built_in_desks())
    analysts = load_desk("debate").roster.names(RoleKind.ANALYST)
    assert analysts == ("technical", "news", "fundamentals", "macro")
    assert load_desk("single_agent").roster.names() == ("single_agent",)


def test_a_desk_of_ones_own(desk_at):
    desk = load_desk(desk_at(GOOD))
    assert (desk.deliberation.rounds, len(desk.roles), desk.risk.chair) == (2, 2, "risk_manager")
    assert desk.turns == 2 + 6 + 2 + 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("role: analyst, name: news", "role: astrologer, name: news", "roles.1.role"),
        ("name: news", "name: technical", "same name"),
        ("rounds: 2", "rounds: 99", "deliberation.rounds"),
        ("rounds: 2", "rounds: many", "deliberation.rounds"),
        ("sides: [bull, bear]", "sides: [bull, cow]", "deliberation.sides.1"),
        ("kind: debate", "kind: shouting", "deliberation.kind"),
        (", judge: research_manager", "", "judge"),
        (", chair: risk_manager", "", "needs a chair"),
        ("committee: [neutral]", "committee: [reckless]", "risk.committee.0"),
        ("name: two", "name: two\ncolour: red", "colour"),
        ("name: two", "name: ../../etc", "name"),
        ("sides: [bull, bear]", "sides: [bull, bull]", "same name: bull"),
        ("name: news", "name: trader, prompt: news", "same name: trader"),
        ("committee: [neutral]", "committee: [neutral, neutral]", "same name: neutral"),
        ("tools: [news]", "tools: []", "roles.1.tools"),
        ("rounds: 2", "rounds: 2, rounds: 3", "occurs twice"),
        ("roles:", "roles: [", "not YAML"),
    ],
)
def test_what_is_wrong_is_named(desk_at, old, new, said):
    with pytest.raises(ConfigError, match=said):
        load_desk(desk_at(GOOD.replace(old, new, 1)))


def test_an_unknown_desk_name_suggests_near_names(tmp_path):
    with pytest.raises(ConfigError, match=r"no desk 'debates'; did you mean debate\? `openoutcry desks list`"):
        load_desk("debates")
    with pytest.raises(ConfigError, match=r"no desk 'penthouse'; `openoutcry desks list` shows all names"):
        load_desk("penthouse")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_desk(str(tmp_path / "none.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: two", "name: two\ncolour: red", "line 3: colour: unknown key; use one of: calls, decision"),
        ("tools: [news]", "tolls: [news]", r"line 5: roles.1.tools: .*needs at least one tool .1 more"),
        ("role: analyst, name: news", "role: analysts, name: news", "line 5: roles.1.role: .*did you mean analyst"),
        ("name: news, tools", "tools", "line 5: roles.1.name: is missing; add the key"),
        ("rounds: 2", "rounds: 99", "line 6: deliberation.rounds: "),
        ("rounds: 2", "round: 2", r"line 6: deliberation.round: unknown key; did you mean rounds\?"),
        ("kind: debate", "kind: debat", r"line 6: deliberation.kind: 'debat' is no topology; did you mean debate\?"),
        ("kind: debate, ", "", "line 6: deliberation.kind: is missing; use one of: "),
        ("sides: [bull, bear], ", "", "line 6: deliberation: analysts need"),
        (", chair: risk_manager", "", "line 7: risk: a risk committee needs a chair"),
        (
            "risk:",
            "sizing: {kind: vol_targe}\nrisk:",
            r"line 7: sizing.kind: unknown kind 'vol_targe'; did you mean vol",
        ),
        ("risk:", "sizing: {target: 1}\nrisk:", "line 7: sizing.target: unknown key; use one of: band"),
        ("risk:", "sizing: {kind: unit, unitz: 1}\nrisk:", "line 7: sizing.unitz: unknown key"),
        ("risk:", "sizing: {kind: unit}\nrisk:", "line 7: sizing: decision orders cannot have sizing unit; use one"),
        ("risk:", "exits:\n  kind: bracket\nrisk:", "line [78]: exits"),
        ("risk:", "decision:\n  kind: allocation\nrisk:", "line 8: decision.kind: .* needs intake {scope: book}"),
        ("risk:", "calls:\n  trader: {samples: 2}\n  poet: {}\nrisk:", "line 9: calls.poet: .*its roles: technical"),
        ("risk:", "calls:\n  trader: {sample: 2}\nrisk:", r"line 8: calls.trader.sample: .*did you mean samples\?"),
        ("risk:", "intake: {order: sideways}\nrisk:", "line 7: intake.order: Input should be 'parallel' or 'serial'"),
        ("risk:", "memory: {tokens: many}\nrisk:", "line 7: memory.tokens: "),
        ("name: news", "name: technical", "line 5: roles.1.name: two roles have the same name"),
        ("role: analyst, name: news", "role: trader, name: news", "line 5: roles.1.role: .*are not listed"),
        ("rounds: 2", "rounds: 2,\n  rounds: 3", "line 7: not YAML: the key rounds occurs twice; remove one"),
        ("name: two", "name: &n two\nx: *n", "line 3: not YAML: aliases"),
        ("roles:", "roles: [", "line [0-9]+: not YAML"),
        ("name: two", "name: 2025-13-45", "an invalid value"),
    ],
)
def test_errors_name_file_line_key_and_remedy(desk_at, old, new, said):
    path = desk_at(GOOD.replace(old, new, 1))
    with pytest.raises(ConfigError, match=said) as raised:
        load_desk(path)
    assert path in str(raised.value)


def test_a_file_that_is_no_mapping_is_refused(desk_at):
    for text in ("", "[]", "3", "null"):
        with pytest.raises(ConfigError, match=r"desk file .*, line 1: Input should be"):
            load_desk(desk_at(text))


def test_a_solo_role_sits_alone(desk_at):
    crowd = GOOD.replace("role: analyst, name: news", "role: solo, name: solo")
    with pytest.raises(ConfigError, match="no other roles"):
        load_desk(desk_at(crowd))


def test_building_a_team_refuses_unknown_tools_and_prompts_and_gives_every_analyst_a_rule(desk_at):
    def seat(text, model=None):
        return build_team(load_desk(desk_at(text)), load_prompts(), model, order_policy(Limits()), seed=1)

    with pytest.raises(ConfigError, match="unknown tool 'tarot'"):
        seat(GOOD.replace("[bars]", "[tarot]"))
    with pytest.raises(ConfigError, match="no prompt 'poet'"):
        seat(GOOD.replace("name: technical", "name: technical, prompt: poet"))
    built = seat(GOOD.replace("name: technical", "name: poet, prompt: technical"))
    assert built.agent("poet").rule is not None
