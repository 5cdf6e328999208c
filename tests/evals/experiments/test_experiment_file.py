"""Experiment files: what they mean, and what is refused with file, key and remedy."""

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.experiment_file import built_in_experiments, load_experiment, parse_experiment
from small_experiment import PLAIN


def test_dates_lists_and_defaults_are_read():
    found = parse_experiment(PLAIN, "x.yaml")
    assert (str(found.window.first), str(found.window.every), found.window.warm_up) == ("2024-01-02", "day", 0)
    assert found.universe == ("CALDR", "GRUND")
    assert found.against == "tight"
    assert found.arms["tight"].memory == "none"


def test_the_first_arm_is_compared_with_unless_another_is_named():
    assert parse_experiment(PLAIN.replace("compare: {against: tight}", ""), "x").against == "debate"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("seeds: [7]\n", "", "seeds is missing; add it"),
        ("seeds: [7]", "seeds: []", "seeds"),
        ("seeds: [7]", "seeds: [7, 7]", "a seed occurs twice"),
        ("seeds: [7]", "seeds: ['7']", "seeds.0"),
        ("seeds: [7]", "seed: [7]", "unknown key seed; did you mean seeds?"),
        ("name: small", "name: small\nname: other", "the key name occurs twice"),
        ("name: small", "name: Not A Name", "name"),
        ("universe: [CALDR, GRUND]", "universe: []", "universe"),
        ("universe: [CALDR, GRUND]", "universe: {index: sp500}", "universe.index.as_of is missing"),
        ("from: 2024-01-02", "from: 2024-02-02", "from 2024-02-02 is after to 2024-01-31; exchange them"),
        ("from: 2024-01-02", "from: 2024-02-31", "invalid value"),
        ("to: 2024-01-31}", "to: 2024-01-31, every: hour}", "window.every"),
        ("commission_bps: 1", "commission_bps: -1", "account.commission_bps"),
        ("margin: true", "margin: maybe", "account.margin"),
        ("baselines: [buy_and_hold, cash]", "baselines: [gold]", "there is no 'gold'; choose from"),
        ("baselines: [buy_and_hold, cash]", "baselines: [cash, cash]", "a baseline occurs twice"),
        ("  debate: {", "  cash: {", "cash is the name of an arm and of a baseline"),
        ("against: tight", "against: nothing", "'nothing' is neither an arm nor a baseline"),
        ("name: small", "name: small\ntuning: {from: 2023-01-03, to: 2024-01-05}", "overlaps the window of the test"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_the_key(before, after, said):
    text = PLAIN.replace(before, after)
    assert text != PLAIN
    with pytest.raises(ConfigError, match=r"experiment file mine\.yaml") as refused:
        parse_experiment(text, "mine.yaml")
    assert said in str(refused.value)


def test_aliases_are_refused():
    text = PLAIN.replace("debate: {", "debate: &a {").replace("tight: {desk", "tight: *a\n  third: {desk")
    with pytest.raises(ConfigError, match=r"mine\.yaml is not YAML: aliases"):
        parse_experiment(text, "mine.yaml")


def test_a_file_that_is_missing_names_the_experiments_that_there_are():
    with pytest.raises(ConfigError, match="demo-news"):
        load_experiment("nothing")
    with pytest.raises(ConfigError, match=r"none\.yaml cannot be read"):
        load_experiment("none.yaml")


def test_every_experiment_that_ships_is_valid():
    assert "demo-news" in built_in_experiments()
    for name in built_in_experiments():
        assert load_experiment(name).experiment.name == name
