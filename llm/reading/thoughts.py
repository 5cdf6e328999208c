"""Thoughts inside a reply: tags of reasoning models and the channels of the harmony format."""

import re
from dataclasses import dataclass

from ...domain.errors import InvalidOutput

_NAMES = (
    r"(?:seed:|ant:?)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis|cot|internal_monologue)"
)
_TAG = re.compile(
    rf"<\s*(?P<close>/?)\s*{_NAMES}(?:\s[^<>]*)?>"
    r"|\[(?P<square>/?)THINK\]"
    r"|◁(?P<kimi>/?)think▷"
    r"|<\|(?P<side>begin|end)_of_thought\|>",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"<\|channel\|>\s*(?P<name>\w+)(?:(?!<\|).)*?<\|message\|>(?P<text>.*?)"
    r"(?P<end><\|(?:end|return|call|start|channel)\|>|\Z)",
    re.DOTALL,
)
_STRIPPED_CHANNELS = re.compile(r"\A\s*analysis.*?assistant\s*final(?=\s*[{\[`])", re.DOTALL)
"""The same channels where a server has removed the special tokens."""


@dataclass(frozen=True, slots=True)
class VisibleText:
    """What a reply says outside of its thoughts.

    Attributes:
        thought: whether a thought was removed.
        final: whether the text comes from the endpoint's channel for final answers.
    """

    text: str
    thought: bool = False
    final: bool = False


def visible_text(text: str) -> VisibleText:
    """Return `text` without its thoughts.

    Raises:
        InvalidOutput: a thought is not closed, or there is no final channel: what follows may revise what was said.
    """
    if "<|channel|>" in text:
        return _final_channel(text)
    if stripped := _STRIPPED_CHANNELS.match(text):
        return VisibleText(text[stripped.end() :], thought=True, final=True)
    return _outside_tags(text)


def _final_channel(text: str) -> VisibleText:
    finals = [found for found in _CHANNEL.finditer(text) if found["name"] == "final"]
    if not finals:
        raise InvalidOutput("the answer ends inside a thought; give the answer after it")
    return VisibleText(finals[-1]["text"], thought=True, final=True)


def _outside_tags(text: str) -> VisibleText:
    """Drop what stands between tags, and all that stands before a closing tag without an opening one."""
    kept: list[str] = []
    depth, place, seen = 0, 0, False
    for tag in _TAG.finditer(text):
        seen = True
        between, place = text[place : tag.start()], tag.end()
        if not depth:
            kept.append(between)
        if not _closes(tag):
            depth += 1 if not depth or between.strip() else 0  # some models repeat the opening tag of their template
        elif depth:
            depth -= 1
        else:
            kept.clear()
    if depth:
        raise InvalidOutput("the answer ends inside a thought that is not closed; give the answer after it")
    return VisibleText("".join([*kept, text[place:]]), thought=seen)


def _closes(tag: re.Match[str]) -> bool:
    return bool(tag["close"] or tag["square"] or tag["kimi"]) or (tag["side"] or "").lower() == "end"
