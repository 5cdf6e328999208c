"""`openoutcry prompts`: the prompts of the roles."""

import difflib
from pathlib import Path

from ...app.dry_run import preview_prompt
from ...app.settings import Settings, load_settings
from ...domain.errors import ConfigError
from ...prompts.library import BUILT_IN, load_prompts
from ..console.tables import is_terminal, print_table, write_json, write_text

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


def diff_prompt(prompt_id: str, folder: Path | None) -> None:
    """Print a unified diff from the built-in prompt to the user's; raises ConfigError without a prompts folder."""
    override = _folder(folder)
    if override is None:
        raise ConfigError("no prompts folder: use --prompts DIR, or set `prompts` in openoutcry.toml")
    built_in, own = load_prompts().get(prompt_id), load_prompts(override).get(prompt_id)
    before, after = (prompt.path.read_text(encoding="utf-8").splitlines(keepends=True) for prompt in (built_in, own))
    changes = difflib.unified_diff(before, after, fromfile=f"built-in/{prompt_id}.md", tofile=str(own.path))
    write_text("".join(changes))


def render_prompt(prompt_id: str, ticker: str, as_of: str | None, settings: Settings) -> None:
    """Print the prompt `prompt_id` as a model would receive it, with rules in all other roles."""
    for sent in preview_prompt(prompt_id, ticker, as_of, settings):
        write_text(f"# {sent.role}\n## system\n{sent.rendered.system}\n\n## user\n{sent.rendered.user}\n\n")


def _shown(file: str) -> str:
    return "built-in" if is_terminal() and Path(file).parent == BUILT_IN else file


def _folder(folder: Path | None) -> Path | None:
    return load_settings({"prompts": folder}).prompts
