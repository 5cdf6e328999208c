"""Words around a JSON object that say what it is: a draft, a final answer, or one that is taken back."""

import re

_DRAFT = re.compile(
    r"draft|scratch|sketch|\binitial|\brough|let me start|first (?:attempt|try|thought|pass)|attempt 1|one option|"
    r"an option|for example|for instance|e\.g\.|\bexample|preliminary|tentative|alternative|placeholder|初稿|草稿|例如",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"\bfinal|\banswer\s*(?:is)?\s*[:：]|\bmy answer\b|\bcorrected\b|\brevised\b|\bin conclusion\b|\bconclusion\s*:|"
    r"最终|最後の|答案",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\bon (?:reflection|second thoughts?)\b|\bchanged my mind\b|(?:^|[.!?\n])\s*(?:but |no, )?(?:wait|correction)\b|"
    r"\bscratch that\b|\bonly a draft\b|\bnot final\b|\b(?:let me|i) (?:revise|correct|redo|think again|reconsider)\b|"
    r"\b(?:ignore|disregard) (?:this|that|the above)\b|"
    r"\b(?:this|that|it|above) (?:is|was|looks?) (?:all )?(?:wrong|not right|incorrect|a draft|a mistake)\b",
    re.IGNORECASE,
)
_FENCE = re.compile(r"[`~]{3,}[\w+-]*")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|\n+")


def says_draft(before: str) -> bool:
    """Return whether the words before an object announce a draft: in the last sentence, after any word of a final."""
    sentence = _last_sentence(before)
    return _last(_DRAFT, sentence) > _last(_FINAL, sentence)


def says_final(before: str) -> bool:
    """Return whether the words before an object announce the final answer, after any word of a draft."""
    return _last(_FINAL, before) > _last(_DRAFT, before)


def takes_back(after: str) -> bool:
    """Return whether the words after an object take it back."""
    return _TAKEN_BACK.search(after) is not None


def without_fences(text: str) -> str:
    """Return `text` without the marks of Markdown fences."""
    return _FENCE.sub("", text)


def _last_sentence(text: str) -> str:
    sentences = [part for part in _SENTENCE_END.split(without_fences(text)) if part.strip(" \t*#:-")]
    return sentences[-1] if sentences else ""


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((found.start() for found in pattern.finditer(text)), default=-1)
