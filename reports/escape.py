"""Escaping of untrusted text for Markdown."""

import re

from ..domain.text import strip_control


class Safe(str):
    """Trusted Markdown, written by this package, that is not escaped."""

    __slots__ = ()


_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$]")
_BLOCK = re.compile(r"^(?=[#+=:-])|^(\d+)(?=[.)](?:\s|$))")
_AUTOLINK = re.compile(r"(?i)(?<=\bwww)\.|(?<=[a-z]):(?=\S)|@")


def escape_markdown(text: object) -> str:
    """Return `text` as one line of Markdown that renders literally, also inside a table.

    Line breaks become spaces, and control characters are removed. The result contains no link, heading, HTML, code or
    cell border. `Safe` text is returned unchanged.
    """
    if isinstance(text, Safe):
        return text
    line = " ".join(strip_control(str(text)).split())
    line = line.replace("&", "&amp;")
    for pattern in (_SPECIAL, _AUTOLINK):
        line = pattern.sub(r"\\\g<0>", line)
    return _BLOCK.sub(r"\1\\", line)
