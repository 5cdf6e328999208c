"""Variants of one prompt: another static block, everything else unchanged."""

import re
import shutil
from pathlib import Path

from ..domain.errors import ConfigError
from .library import RENAMED, SHARED_RULES, Prompt, PromptLibrary, load_prompts, parse_prompt

MOST_CHARACTERS = 8_000
_NAME = re.compile(r"`(\w+)`")


class InvalidVariant(ConfigError):
    """A text that cannot stand in place of a prompt's static block; the message is the reason."""


def required_names(text: str) -> tuple[str, ...]:
    """Return the names in backticks, sorted: fields of the role's answer and other terms that a variant must keep."""
    return tuple(sorted(set(_NAME.findall(text))))


def write_variant(folder: Path, prompt: Prompt, library: PromptLibrary, text: str, base: Path | None) -> Prompt:
    """Write a folder with the prompt's file, its static block replaced by `text`, and return the prompt as loaded.

    Args:
        folder: where to write; created if it is not there.
        prompt: the prompt that is changed.
        library: the library that the prompt is from.
        text: the new static block, without the shared rules.
        base: a folder of prompts that the variant is based on, whose other files are copied; None for the built-in.

    Raises InvalidVariant as `with_block`.
    """
    changed = with_block(prompt, library, text)
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(base.glob("*.md")) if base is not None else ():
        if RENAMED.get(path.stem, path.stem) != prompt.id:
            shutil.copyfile(path, folder / path.name)
    (folder / f"{prompt.id}.md").write_text(_file(prompt, changed.instructions), encoding="utf-8")
    return load_prompts(folder).get(prompt.id)


def with_block(prompt: Prompt, library: PromptLibrary, text: str) -> Prompt:
    """Return the prompt with another static block, which is `text` without the shared rules.

    Raises InvalidVariant if the text is empty or too long, lacks a name that the block has in backticks, or if its file
    could not be read with the same role, placeholders and variable part.
    """
    block = text.replace("\r\n", "\n").strip()
    _check_text(block, prompt.instructions)
    path, opening = Path(f"{prompt.id}.md"), library.prompts[SHARED_RULES].system + "\n\n"
    try:
        found = parse_prompt(_file(prompt, block), path, opening)
    except ConfigError as error:
        raise InvalidVariant(str(error).removeprefix(f"prompt file {path}: ")) from error
    kept = (found.role, found.inputs, found.user) == (prompt.role, prompt.inputs, prompt.user)
    if not kept or found.instructions != block:
        raise InvalidVariant("the text contains the heading of a section of the prompt file")
    return found


def _check_text(block: str, before: str) -> None:
    if not block:
        raise InvalidVariant("the text is empty")
    if len(block) > MOST_CHARACTERS:
        raise InvalidVariant(f"the text has {len(block)} characters; at most {MOST_CHARACTERS} are allowed")
    if missing := sorted(set(required_names(before)) - set(required_names(block))):
        raise InvalidVariant(f"the text lacks {', '.join(f'`{name}`' for name in missing)}")


def _file(prompt: Prompt, block: str) -> str:
    if prompt.id == SHARED_RULES:
        raise ConfigError(f"{SHARED_RULES} opens every prompt and has no variants; choose the prompt of one role")
    front = f"id: {prompt.id}\nversion: {prompt.version + 1}\nrole: {prompt.role}\n"
    inputs = f"inputs: [{', '.join(sorted(prompt.inputs))}]\n"
    return f"---\n{front}{inputs}---\n## system\n{block}\n## user\n{prompt.user}\n"
