"""Making text from outside inert in Markdown: it may be read, and can do nothing else."""

import re

from ..domain.text import strip_control


class Safe(str):
    """Markdown that we wrote ourselves and that is not to be escaped."""

    __slots__ = ()


_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$]")
_BLOCK = re.compile(r"^(?=[#+=:-])|^(\d+)(?=[.)](?:\s|$))")
_AUTOLINK = re.compile(r"(?i)(?<=\bwww)\.|(?<=[a-z]):(?=\S)|@")


def escape_markdown(text: object) -> str:
    """Return `text` as one line of Markdown that renders as exactly its own words, even inside a table.

    Control characters and line breaks become spaces; nothing in it can be a link, a heading, HTML, code or a cell
    border. `Safe` text passes unchanged.
    """
    if isinstance(text, Safe):
        return text
    line = " ".join(strip_control(str(text)).split())
    line = line.replace("&", "&amp;")
    for pattern in (_SPECIAL, _AUTOLINK):
        line = pattern.sub(r"\\\g<0>", line)
    return _BLOCK.sub(r"\1\\", line)
