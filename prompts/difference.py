"""Differences between two sets of prompts, by prompt and section."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from enum import StrEnum

from .library import SHARED_RULES, Prompt, PromptLibrary

CONTEXT_LINES = 1
_SENTENCE_END = re.compile(r"(?<=[.!?])[ \t]+(?=\S)")


class PromptChangeKind(StrEnum):
    """How a prompt differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SHARED_RULES = "shared_rules"
    """Only the shared rules differ, which open the system part of every prompt."""


@dataclass(frozen=True, slots=True)
class SectionDifference:
    """A unified diff of one section: `front matter`, `system` or `user`; a line of the diff is a sentence."""

    section: str
    diff: str


@dataclass(frozen=True, slots=True)
class PromptDifference:
    """One prompt that differs; `before` and `after` are its content hashes, None where it is absent."""

    id: str
    change: PromptChangeKind
    before: str | None
    after: str | None
    sections: tuple[SectionDifference, ...]


def compare_prompts(before: PromptLibrary, after: PromptLibrary) -> tuple[PromptDifference, ...]:
    """Return the prompts whose content or front matter differs, sorted by id, the shared rules first."""
    ids = sorted({*before.prompts, *after.prompts}, key=lambda each: (each != SHARED_RULES, each))
    return tuple(found for each in ids if (found := _difference(each, before, after)) is not None)


def sentence_lines(text: str) -> list[str]:
    """Return the sentences of a text, one each line, with its line breaks kept."""
    return [sentence for line in text.splitlines() for sentence in _SENTENCE_END.split(line)]


def _difference(prompt_id: str, before: PromptLibrary, after: PromptLibrary) -> PromptDifference | None:
    one, other = before.prompts.get(prompt_id), after.prompts.get(prompt_id)
    sections = tuple(_sections(_texts(one), _texts(other)))
    hashes = (None if one is None else one.hash, None if other is None else other.hash)
    if one is None or other is None:
        change = PromptChangeKind.ADDED if one is None else PromptChangeKind.REMOVED
    elif sections:
        change = PromptChangeKind.CHANGED
    elif one.hash != other.hash:
        change = PromptChangeKind.SHARED_RULES
    else:
        return None
    return PromptDifference(prompt_id, change, *hashes, sections)


def _texts(prompt: Prompt | None) -> dict[str, str]:
    if prompt is None:
        return {"front matter": "", "system": "", "user": ""}
    front = f"version: {prompt.version}\nrole: {prompt.role}\ninputs: {', '.join(sorted(prompt.inputs))}"
    return {"front matter": front, "system": prompt.instructions, "user": prompt.user}


def _sections(before: dict[str, str], after: dict[str, str]) -> Iterator[SectionDifference]:
    for name, text in before.items():
        if text != after[name]:
            lines = unified_diff(sentence_lines(text), sentence_lines(after[name]), n=CONTEXT_LINES, lineterm="")
            yield SectionDifference(name, "\n".join(list(lines)[2:]))
