"""Text from outside, made safe for a prompt: one line that cannot end a fence, forge a label or hide characters."""

import re
from functools import lru_cache

_HIDDEN = (
    r"\x00-\x20\x7f-\x9f"  # controls, and spaces to collapse
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"  # invisible, and blank letters
    r"\ud800-\uf8ff\ufdd0-\ufdef"  # surrogates, private use, and no characters
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff"  # tags, variation selectors, private use
)
_CONTROL = re.compile(f"[{_HIDDEN}]+")
_ANGLES = {
    **dict.fromkeys("<\ufe64\uff1c\u3008\u27e8\u2329\u226e", "‹"),
    **dict.fromkeys(">\ufe65\uff1e\u3009\u27e9\u232a\u226f", "›"),
}
_SQUARES = {**dict.fromkeys("[\uff3b\ufe47\u3014", "("), **dict.fromkeys("]\uff3d\ufe48\u3015", ")")}
_FENCE = str.maketrans({**_ANGLES, **_SQUARES})
_LABELLED = re.compile(r"\[([^\[\]<>\s]+)\] ")


@lru_cache(maxsize=1024)  # the prompts of a decision repeat the same evidence
def sanitize(text: str) -> str:
    """Return `text` on one line without characters that fence or label evidence, or that are not visible.

    Runs of spaces, control, bidirectional, zero-width and other invisible characters become one space. Angle brackets
    become `‹›` and square brackets `()`, also their full-width and small forms, so that no tag such as `</evidence>`,
    no token of a chat template such as `<|im_start|>` or `[INST]`, and no label such as `[px.close]` remains.
    """
    return _CONTROL.sub(" ", text).translate(_FENCE).strip()


def sanitize_line(line: str) -> str:
    """Return a line sanitized, except for the label in square brackets at its start."""
    label = _LABELLED.match(line)
    if label is None:
        return sanitize(line)
    return f"[{sanitize(label[1])}] {sanitize(line[label.end() :])}".rstrip()
