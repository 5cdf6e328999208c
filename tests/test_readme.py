"""The README tells the truth: its transcript is what the command prints, its links lead somewhere."""

import re
import shlex

import pytest
import typer.main
from conftest import ROOT
from openoutcry.cli.app import app
from readme_transcript import BLOCK, recorded

COMMAND = re.compile(r"^(?:\$ )?\.venv/bin/openoutcry (.*)$", re.MULTILINE)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def test_the_transcript_is_what_the_command_prints():
    block = BLOCK.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert block["output"] == recorded(block["command"]), "record it anew: python -m tests.readme_transcript"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


COMMANDS = COMMAND.findall((ROOT / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_readme_exists_with_its_flags(line):
    words, group = shlex.split(line, comments=True), typer.main.get_command(app)
    known = {"--install-completion"}
    while words and hasattr(group, "commands") and words[0] in group.commands:
        group = group.commands[words.pop(0)]
    known |= {name for each in group.params for name in (*each.opts, *each.secondary_opts)}
    assert not hasattr(group, "commands") or set(words) <= known
    assert {word for word in words if word.startswith("--")} <= known
    required = [each for each in group.params if each.required and each.param_type_name == "argument"]
    assert len(words) >= len(required)


def test_the_readme_has_commands():
    assert len(COMMANDS) > 15
