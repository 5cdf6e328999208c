"""`--help` of every command: each default, the choices of each enumerated flag, and examples."""

import typing

import pytest
import typer.main
from openoutcry.app.settings import Settings
from openoutcry.cli.app import app
from openoutcry.cli.arguments import choices
from openoutcry.desk.records.run_status import Status
from openoutcry.graph.desk_config import built_in_desks
from openoutcry.ledger.model.account_rules import BarInterval, SplitPolicy
from openoutcry.ledger.model.lots import LotMethod
from openoutcry.market.folder.layout import DatasetKind
from openoutcry.memory.record import Layer


def commands(group, path=()):
    """Yield every command with its path."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


EVERY = list(commands(typer.main.get_command(app)))
OPTIONS = [
    (path, option)
    for path, command in EVERY
    for option in command.params
    if option.param_type_name == "option" and not option.is_flag and option.name != "help"
]


def shown(openoutcry, path, option):
    """Return the help of one option as one line."""
    text = openoutcry(*path, "--help").out
    start = text.index(f"\n  {option.opts[0]} ")
    following = [at for at in (text.find("\n  -", start + 1), len(text)) if at > 0]
    return " ".join(text[start : min(following)].split())


def test_the_walk_reaches_every_command():
    assert len(EVERY) > 25
    assert len(OPTIONS) > 50


@pytest.mark.parametrize("path", [path for path, _ in EVERY], ids=" ".join)
def test_every_command_and_every_option_is_described(openoutcry, path):
    command = dict(EVERY)[path]
    assert command.help
    assert [each.name for each in command.params if each.name != "help" and not each.help] == []


@pytest.mark.parametrize(("path", "option"), OPTIONS, ids=lambda each: getattr(each, "name", None) or " ".join(each))
def test_every_option_shows_its_default(openoutcry, path, option):
    text = shown(openoutcry, path, option)
    assert "[required]" in text if option.required else "default: " in text
    if option.default is not None and not option.required:
        assert f"default: {option.default}" in text
    if option.help and "[default:" in option.help:
        assert option.help[option.help.index("[default:") :] in text


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--seed", "seed"), ("--cash", "cash"), ("--market", "market"), ("--desk", "desk"), ("--attempt", "attempt")],
)
def test_the_defaults_of_settings_are_the_ones_that_apply(openoutcry, flag, value):
    text = openoutcry("decide", "--help").out
    default = Settings.model_fields[value].default
    assert f"[default: {default}]" in " ".join(text[text.index(f"\n  {flag} ") :].split())


@pytest.mark.parametrize(
    ("choice", "kind"),
    [
        (choices.LotChoice, LotMethod),
        (choices.SplitChoice, SplitPolicy),
        (choices.BarChoice, BarInterval),
        (choices.LayerChoice, Layer),
        (choices.StatusChoice, Status),
    ],
)
def test_the_choices_are_the_values_of_the_enumeration(choice, kind):
    assert set(typing.get_args(choice)) == set(kind)


@pytest.mark.parametrize(
    ("command", "flag", "values"),
    [
        (("paper", "init"), "--lots", set(LotMethod)),
        (("paper", "init"), "--split-orders", set(SplitPolicy)),
        (("paper", "init"), "--bars", set(BarInterval)),
        (("paper", "export"), "--format", {"csv", "jsonl", "beancount"}),
        (("memory", "list"), "--layer", set(Layer)),
        (("data", "fetch", "AAPL", "--from", "2025-01-02"), "--kinds", set(DatasetKind)),
    ],
)
def test_an_enumerated_flag_lists_its_choices_and_refuses_others_with_the_list(openoutcry, command, flag, values):
    path = command[:2]
    option = next(option for each, option in OPTIONS if each == path and flag in option.opts)
    text = shown(openoutcry, path, option)
    ran = openoutcry(*command, flag, "nonsense")
    assert (ran.code, ran.out) == (2, "")
    for value in values:
        assert value in text
        assert value in ran.err


def test_the_help_points_to_the_list_of_desks(openoutcry):
    assert "desks list" in " ".join(openoutcry("decide", "--help").out.split())
    listed = openoutcry("desks", "list").out.splitlines()[1:]
    assert [line.split("\t")[0] for line in listed] == list(built_in_desks())


@pytest.mark.parametrize("path", [("decide",), ("paper", "init"), ("data", "fetch"), ("runs", "show")])
def test_examples_start_with_the_command(openoutcry, path):
    text = openoutcry(*path, "--help").out
    lines = text[text.index("Examples:") :].splitlines()[1:3]
    assert all(line.strip().startswith(f"openoutcry {' '.join(path)} ") for line in lines)
