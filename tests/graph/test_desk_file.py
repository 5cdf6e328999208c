"""Desk files: what is wrong is named, with its place."""

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.desk_config import built_in_desks, load_desk
from openoutcry.graph.roles import RoleKind
from openoutcry.graph.team_builder import build_team
from openoutcry.prompts.library import load_prompts

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


def test_an_unknown_desk_is_told_which_there_are(tmp_path):
    with pytest.raises(ConfigError, match=r"debate, .*single_agent"):
        load_desk("penthouse")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_desk(str(tmp_path / "none.yaml"))


def test_a_solo_role_sits_alone(desk_at):
    crowd = GOOD.replace("role: analyst, name: news", "role: solo, name: solo")
    with pytest.raises(ConfigError, match="no other roles"):
        load_desk(desk_at(crowd))


def test_building_a_team_refuses_unknown_tools_and_prompts_and_gives_every_analyst_a_rule(desk_at):
    def seat(text, model=None):
        return build_team(load_desk(desk_at(text)), load_prompts(), model, None, seed=1)

    with pytest.raises(ConfigError, match="unknown tool 'tarot'"):
        seat(GOOD.replace("[bars]", "[tarot]"))
    with pytest.raises(ConfigError, match="no prompt 'poet'"):
        seat(GOOD.replace("name: technical", "name: technical, prompt: poet"))
    built = seat(GOOD.replace("name: technical", "name: poet, prompt: technical"))
    assert built.agent("poet").rule is not None
