"""The README tells the truth: its transcript is what the command prints, its links lead somewhere."""

import re

import pytest
from conftest import ROOT
from readme_transcript import BLOCK, recorded

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def test_the_transcript_is_what_the_command_prints():
    block = BLOCK.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert block["output"] == recorded(block["command"]), "record it anew: python -m tests.readme_transcript"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target
