"""Sections `learning:` of desk files: defaults as published, and combinations that are refused with their key."""

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.learning_section import EpisodesLearning, OproLearning, RetryLearning

PANEL = """
name: learner
roles:
  - {role: analyst, name: technical, tools: [bars]}
  - {role: analyst, name: news, tools: [news], template: {first: atlas_news, follow_up: atlas_news_follow_up}}
deliberation: {kind: panel, decider: trader}
decision: {kind: direction}
sizing: {kind: all_in}
learning: LEARNING
"""
SINGLE = """
name: learner
roles:
  - {role: single_agent, name: trader, tools: [bars]}
deliberation: {kind: single_agent}
decision: {kind: direction}
sizing: {kind: all_in}
learning: LEARNING
"""
BOOK = """
name: learner
intake: {scope: book}
roles:
  - {role: analyst, name: technical, tools: [bars]}
deliberation: {kind: panel, decider: trader}
decision: {kind: allocation}
learning: LEARNING
"""


def loaded(tmp_path, text, learning):
    path = tmp_path / "desk.yaml"
    path.write_text(text.replace("LEARNING", learning))
    return load_desk(str(path)).learning


def test_the_published_numbers_are_the_defaults(tmp_path):
    opro = loaded(tmp_path, PANEL, "{kind: opro}")
    assert (opro.every, opro.shadow, opro.frozen_at_test) == (5, True, False)
    episodes = loaded(tmp_path, PANEL, "{kind: episodes}")
    assert (episodes.episodes, episodes.edit, episodes.frozen_at_test) == (4, "overlap", True)
    retry = loaded(tmp_path, PANEL, "{kind: retry}")
    assert (retry.trials, retry.shown, retry.frozen_at_test) == (2, 3, True)


@pytest.mark.parametrize(
    ("desk", "kind"),
    [("atlas", OproLearning), ("fincon", EpisodesLearning), ("strux", RetryLearning), ("sep", RetryLearning)],
)
def test_the_built_in_desks_learn_as_published(desk, kind):
    assert isinstance(load_desk(desk).learning, kind)


@pytest.mark.parametrize(
    ("text", "learning", "message"),
    [
        (PANEL, "{kind: library}", "library is not available"),
        (
            PANEL,
            "{kind: opro, role: macro}",
            "no role is called macro; learning rewrites one of technical, news, trader",
        ),
        (PANEL, "{kind: reflection, role: news}", "news has a first and a follow-up prompt"),
        (
            PANEL,
            "{kind: retry, role: macro}",
            "no role is called macro; lessons are for one of technical, news, trader",
        ),
        (PANEL, "{kind: retry, frozen_at_test: false}", "frozen_at_test"),
        (PANEL, "{kind: episodes, episodes: 1}", "greater than or equal to 2"),
        (SINGLE, "{kind: episodes}", "episodes are about the sources of analysts, and the desk has none"),
        (BOOK, "{kind: retry, role: macro}", "no role is called macro; lessons are for one of technical, trader"),
    ],
)
def test_what_cannot_be_learned_is_refused(tmp_path, text, learning, message):
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, text, learning)
    assert message in str(refused.value)


def test_learning_without_memory_needs_none(tmp_path):
    for kind in ("opro", "reflection", "episodes", "retry"):
        assert loaded(tmp_path, PANEL, f"{{kind: {kind}}}").kind == kind
        assert loaded(tmp_path, BOOK, f"{{kind: {kind}}}").kind == kind
