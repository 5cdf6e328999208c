"""`openoutcry prompts`: the prompts of the roles."""

import difflib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ...app.dry_run import preview_prompt
from ...app.settings import Settings, load_settings
from ...domain.errors import ConfigError
from ...prompts.difference import PromptChangeKind, PromptDifference, compare_prompts
from ...prompts.library import BUILT_IN, PromptLibrary, load_prompts
from ..console.tables import is_terminal, print_table, write_json, write_text

BUILT_IN_NAME = "built-in"
COLUMNS = ("id", "role", "version", "hash", "inputs", "file")


def list_prompts(folder: Path | None, *, as_json: bool) -> None:
    """Print every prompt with its role, version, content hash and file."""
    book = load_prompts(_folder(folder))
    rows = [
        {
            "id": prompt.id,
            "role": prompt.role,
            "version": str(prompt.version),
            "hash": prompt.hash,
            "inputs": ", ".join(sorted(prompt.inputs)),
            "file": str(prompt.path),
        }
        for prompt in book.prompts.values()
    ]
    if as_json:
        write_json(rows)
    else:
        shown = [row | {"file": _shown(row["file"])} for row in rows]
        print_table(COLUMNS, [[row[name] for name in COLUMNS] for row in shown])


def show_prompt(prompt_id: str, folder: Path | None) -> None:
    """Print one prompt's file."""
    write_text(load_prompts(_folder(folder)).get(prompt_id).path.read_text(encoding="utf-8"))


def diff_prompts(first: str, second: str | None, folder: Path | None, *, as_json: bool) -> None:
    """Print the differences of two prompt folders, of a folder and the built-in prompts, or of one prompt by its id.

    Raises ConfigError for a folder that is not there, and for an id without a prompts folder.
    """
    if second is None and (folder is not None or not _names_folder(first)):
        _diff_prompt(first, folder, as_json=as_json)
        return
    before, after = (BUILT_IN_NAME, first) if second is None else (first, second)
    found = compare_prompts(_library(before), _library(after))
    if as_json:
        write_json({"before": before, "after": after, "prompts": [asdict(each) for each in found]})
    else:
        write_text(difference_text(found, before, after))


def difference_text(found: Sequence[PromptDifference], before: str, after: str) -> str:
    """Return differences as text for people; `before` and `after` name the two sides."""
    if not found:
        return f"no prompt differs between {before} and {after}\n"
    shared = [each.id for each in found if each.change is PromptChangeKind.SHARED_RULES]
    parts = [_one_text(each) for each in found if each.change is not PromptChangeKind.SHARED_RULES]
    parts += [f"changed hash only, through shared_rules: {', '.join(shared)}\n"] if shared else []
    return f"--- {before}\n+++ {after}\n" + "".join(f"\n{part}" for part in parts)


def _one_text(each: PromptDifference) -> str:
    head = f"{each.id}: {each.change}, hash {each.before or 'none'} -> {each.after or 'none'}\n"
    return head + "".join(f"{each.id} / {section.section}\n{section.diff}\n" for section in each.sections)


def _names_folder(text: str) -> bool:
    return text == BUILT_IN_NAME or Path(text).is_dir() or Path(text).name != text


def _library(text: str) -> PromptLibrary:
    return load_prompts(None if text == BUILT_IN_NAME else Path(text))


def _diff_prompt(prompt_id: str, folder: Path | None, *, as_json: bool) -> None:
    override = _folder(folder)
    if override is None:
        raise ConfigError(
            f"there is no folder {prompt_id!r}, so it is taken as the id of a prompt, and no prompts folder is given: "
            "use --prompts DIR, or set `prompts` in openoutcry.toml"
        )
    built_in, own = load_prompts().get(prompt_id), load_prompts(override).get(prompt_id)
    if as_json:
        changed = [each for each in compare_prompts(load_prompts(), load_prompts(override)) if each.id == own.id]
        document = {"before": BUILT_IN_NAME, "after": str(override), "prompts": [asdict(each) for each in changed]}
        write_json(document)
        return
    before, after = (prompt.path.read_text(encoding="utf-8").splitlines(keepends=True) for prompt in (built_in, own))
    changes = difflib.unified_diff(before, after, fromfile=f"built-in/{prompt_id}.md", tofile=str(own.path))
    write_text("".join(changes))


def render_prompt(prompt_id: str, ticker: str | None, as_of: str | None, settings: Settings) -> None:
    """Print the prompt `prompt_id` as a model would receive it, with rules in all other roles.

    Raises ConfigError for an unknown prompt, and without a ticker.
    """
    load_prompts(settings.prompts).get(prompt_id)
    if ticker is None:
        raise ConfigError(f"name the ticker to render it for: openoutcry prompts render {prompt_id} CALDR")
    for sent in preview_prompt(prompt_id, ticker, as_of, settings):
        write_text(f"# {sent.role}\n## system\n{sent.rendered.system}\n\n## user\n{sent.rendered.user}\n\n")


def _shown(file: str) -> str:
    return "built-in" if is_terminal() and Path(file).parent == BUILT_IN else file


def _folder(folder: Path | None) -> Path | None:
    return load_settings({"prompts": folder}).prompts
