"""The instructions of a role stand after its case and outside of what is quoted in it."""

import re
from pathlib import Path

import pytest
from openoutcry.prompts.library import load_prompts, parse_prompt

FRONT = "---\nid: own\nversion: 1\nrole: analyst\ninputs: [news]\n---\n## system\nWeigh the news.\n## user\n"


def quoted(text):
    """Return what is between tags."""
    return re.findall(r"<(\w+)>\n?(.*?)\n?</\1>", text, re.DOTALL)


@pytest.mark.parametrize(
    ("user", "last"),
    [
        ("<evidence>\n{{news}}\n</evidence>\nReport.", "Report."),
        ("<evidence>\n{{news}}\n</evidence>", "Weigh the news."),
        ("The news:\n<evidence>{{news}}</evidence>", "Weigh the news."),
        ("Read {{news}}", "Read it"),
    ],
    ids=["task", "tag", "line_with_tags", "one_line"],
)
def test_instructions_are_not_inside_a_tag(user, last):
    sent = parse_prompt(FRONT + user, Path("own.md"), "Rules.\n\n").render({"news": "it"})
    assert sent.system == "Rules."
    assert all(text == "it" for _, text in quoted(sent.user))
    assert sent.user.endswith(last)


def test_no_built_in_prompt_quotes_its_own_instructions():
    for prompt in load_prompts().prompts.values():
        sent = prompt.render(dict.fromkeys(prompt.inputs, "it"))
        assert prompt.instructions in sent.user, prompt.id
        assert all(prompt.instructions not in text for _, text in quoted(sent.user)), prompt.id
