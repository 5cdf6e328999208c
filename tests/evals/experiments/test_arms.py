"""Arms differ in what they write and in nothing else."""

import shutil

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.arms import differences, prompt_difference, resolve_arms
from openoutcry.graph.desk_config import BUILT_IN as DESKS
from openoutcry.prompts.library import BUILT_IN as PROMPTS


def changed_prompts(folder, name="trader"):
    """Write a folder with one built-in prompt and a further sentence in it."""
    folder.mkdir(exist_ok=True)
    text = (PROMPTS / f"{name}.md").read_text(encoding="utf-8")
    (folder / f"{name}.md").write_text(text.replace("## user", "Answer briefly.\n\n## user"), encoding="utf-8")
    return folder


def test_two_arms_with_the_same_content_are_refused_unless_that_is_allowed(written, settings):
    same = (", limits: {max_position: 0.02}", "")
    with pytest.raises(ConfigError, match=r"small\.yaml: arms debate and tight have the same content"):
        resolve_arms(written(same), settings)
    allowed = written(same, ("name: small", "name: small\nallow_identical: true"))
    one, other = resolve_arms(allowed, settings)
    assert one.content.hash == other.content.hash


def test_a_limit_that_is_written_as_the_default_makes_no_difference(written, settings):
    with pytest.raises(ConfigError, match="the same content"):
        resolve_arms(written(("max_position: 0.02", "max_position: 0.20")), settings)


def test_a_changed_prompt_is_a_difference_in_prompts_with_a_diff(written, settings, tmp_path):
    changed_prompts(tmp_path / "terse")
    file = written((", limits: {max_position: 0.02}", ", prompts: terse"))
    one, other = resolve_arms(file, settings)
    assert differences(one.content, other.content) == ("prompts",)
    [(role, text)] = prompt_difference(one, other)
    assert role == "trader"
    assert "+Answer briefly." in text


@pytest.fixture
def other_desk(tmp_path):
    """Write a desk whose news analyst has another prompt than that of the debate."""
    text = (DESKS / "debate.yaml").read_text(encoding="utf-8")
    (tmp_path / "other.yaml").write_text(
        text.replace("tools: [news, sentiment], model: quick", "tools: [news, sentiment], model: quick, prompt: macro"),
        encoding="utf-8",
    )


def test_arms_that_differ_in_more_than_they_write_are_refused(written, settings, other_desk):
    change = ("debate, model: rules, limits: {max_position: 0.02}", "other.yaml, model: rules")
    with pytest.raises(ConfigError, match="arms debate and tight differ in prompts, which is not in what they write"):
        resolve_arms(written(change), settings)
    named = ("against: tight", "against: tight, varies: [desk, prompts]")
    assert len(resolve_arms(written(change, named), settings)) == 2


def test_arms_may_differ_only_in_the_parts_that_are_named(written, settings):
    with pytest.raises(ConfigError, match=r"differ in limits, which is not in compare\.varies"):
        resolve_arms(written(("against: tight", "against: tight, varies: [prompts]")), settings)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("desk: nothing", "arms.tight: there is no desk 'nothing'"),
        ("prompts: nowhere", "arms.tight: there is no folder of prompts"),
        ("memory: perfect", "arms.tight: unknown memory preset 'perfect'"),
        ("limits: {max_joy: 1}", "arms.tight: limits: there is no limit 'max_joy'"),
        ("limits: {max_position: 7}", "arms.tight: limits.max_position is 7"),
    ],
)
def test_an_arm_that_cannot_be_had_is_named(written, settings, after, said):
    change = ("desk: debate, model: rules, limits: {max_position: 0.02}", f"model: rules, {after}")
    with pytest.raises(ConfigError) as refused:
        resolve_arms(written(change), settings)
    assert said in str(refused.value)


def test_paths_are_relative_to_the_file(written, settings, tmp_path):
    shutil.copy(DESKS / "single_agent.yaml", tmp_path / "mine.yaml")
    file = written(("desk: debate, model: rules, limits: {max_position: 0.02}", "desk: mine.yaml, model: rules"))
    assert resolve_arms(file, settings)[1].settings.desk == str((tmp_path / "mine.yaml").resolve())


def test_limits_of_the_whole_account_are_part_of_an_arm(written, settings):
    with_portfolio = ("limits: {max_position: 0.02}", "portfolio: {max_name: null, max_gross: 1}")
    debate, tight = resolve_arms(written(with_portfolio), settings)
    assert differences(debate.content, tight.content) == ("limits",)
    assert (tight.settings.portfolio.max_name, tight.settings.portfolio.max_gross) == (None, 1)
    assert debate.settings.portfolio == settings.portfolio
    unknown = ("limits: {max_position: 0.02}", "portfolio: {max_joy: 1}")
    with pytest.raises(ConfigError, match=r"arms\.tight: portfolio: there is no limit 'max_joy'"):
        resolve_arms(written(unknown), settings)


def test_desks_that_differ_in_the_decisions_that_they_are_shown_differ(written, settings, tmp_path):
    text = (DESKS / "livetradebench.yaml").read_text(encoding="utf-8")
    for last in (3, 5):
        path = tmp_path / f"last{last}.yaml"
        path.write_text(text.replace("last: 10", f"last: {last}"), encoding="utf-8")
    file = written(
        ("debate: {desk: debate, model: rules}", "debate: {desk: last3.yaml, model: rules}"),
        ("desk: debate, model: rules, limits: {max_position: 0.02}", "desk: last5.yaml, model: rules"),
    )
    one, other = resolve_arms(file, settings)
    assert differences(one.content, other.content) == ("desk",)
