"""Variants of a prompt: another static block, everything else as it was."""

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.prompts.difference import PromptChangeKind, compare_prompts
from openoutcry.prompts.library import load_prompts
from openoutcry.prompts.variants import InvalidVariant, required_names, write_variant

RISK = (
    "---\nid: {name}\nversion: 1\nrole: risk_analyst\ninputs: [ticker]\n---\n## system\nFill in `verdict`.\n## user\n"
)


@pytest.fixture
def base(tmp_path):
    """Return a folder with an own prompt of the risk analyst under its former name, and own shared rules."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "risk_voice.md").write_text(RISK.format(name="risk_voice") + "On {{ticker}}.\n", encoding="utf-8")
    rules = "---\nid: shared_rules\nversion: 1\nrole: shared_rules\ninputs: []\n---\n## system\nBe brief.\n"
    (folder / "shared_rules.md").write_text(rules, encoding="utf-8")
    return folder


def test_a_variant_keeps_the_other_files_and_the_rest_of_the_prompt(base, tmp_path):
    library = load_prompts(base)
    prompt = library.get("risk_analyst")
    found = write_variant(tmp_path / "own", prompt, library, "Weigh twice, then fill in `verdict`.", base)
    assert found.system == "Be brief.\n\nWeigh twice, then fill in `verdict`."
    assert (found.id, found.role, found.inputs, found.user) == (prompt.id, prompt.role, prompt.inputs, prompt.user)
    [changed] = compare_prompts(library, load_prompts(tmp_path / "own"))
    assert (changed.id, changed.change, changed.after) == ("risk_analyst", PromptChangeKind.CHANGED, found.hash)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("   \n", "the text is empty"),
        ("Fill in the verdict.", "the text lacks `verdict`"),
        ("`verdict` of {{ticker}}", "must not have placeholders"),
        ("`verdict`\n## user\nOn {{ticker}}.", "heading of a section"),
        ("`verdict`" + "x" * 8_000, "the text has 8009 characters"),
    ],
)
def test_a_text_that_breaks_the_prompt_is_refused(base, tmp_path, text, reason):
    library = load_prompts(base)
    with pytest.raises(InvalidVariant, match=reason):
        write_variant(tmp_path / "own", library.get("risk_analyst"), library, text, base)


def test_the_shared_rules_have_no_variants(tmp_path):
    library = load_prompts()
    with pytest.raises(ConfigError, match="opens every prompt and has no variants"):
        write_variant(tmp_path / "own", library.get("shared_rules"), library, "Be brief.", None)


def test_the_static_block_of_every_built_in_prompt_can_be_written_again(tmp_path):
    library = load_prompts()
    for prompt in library.prompts.values():
        if prompt.id != "shared_rules":
            folder = tmp_path / prompt.id
            assert write_variant(folder, prompt, library, prompt.instructions, None).hash == prompt.hash


def test_names_in_backticks_are_required():
    assert required_names("Fill in `rating`, `evidence` and `rating`; not a `two words`.") == ("evidence", "rating")
