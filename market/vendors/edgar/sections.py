"""Extraction of relevant items from the main document of a filing, as plain text.

Documents are HTML, often with inline XBRL; old ones are plain text. Item numbers are defined by the forms: 2.02 in an
8-K, 1A or 7 in a 10-K or 10-Q (https://www.sec.gov/forms). A heading is a short line that begins with an item number.
A table of contents has the same lines, so the longest text between two headings is used.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from ....domain.errors import InvalidData
from .submissions import NAME

LONGEST_TEXT = 60_000
LONGEST_HEADING = 200
EXHIBITS = "9.01"
BREAK = "\ue000"  # a private-use character: removed from documents, and not treated as white space by parsers
BLOCKS = frozenset(
    {"address", "blockquote", "br", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
    | {"li", "ol", "p", "pre", "table", "tr", "ul"}
)
CELLS = frozenset({"td", "th"})
HIDDEN = "//script|//style|//head|//*[name()='ix:header']|//*[contains(translate(@style, ' ', ''), 'display:none')]"
PART = re.compile(r"part\s+(iv|i{1,3})\b", re.IGNORECASE)
ITEM = re.compile(
    r"(?:part\s+(?:iv|i{1,3})\s*[,.:;\-–—]*\s*)?items?\s*(?P<item>\d\.\d\d|\d{1,2}\s?[a-c]?)(?![\w,])"
    r"\s*[.:\-–—)]*\s*(?P<title>.*)",
    re.IGNORECASE,
)
SIGNATURES = re.compile(r"signatures?\W*", re.IGNORECASE)
# Wanted items by form: (part, item) to a word that the heading must contain.
WANTED: Mapping[str, Mapping[tuple[str, str], str]] = {
    "10-K": {("", "1A"): "risk", ("", "7"): "management"},
    "10-Q": {("I", "2"): "management"},
}


@dataclass(frozen=True, slots=True)
class Section:
    """One item of a filing."""

    item: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class _Heading:
    """The heading of an item; `place` is its line index, `text_at` that of the first line of its text."""

    place: int
    text_at: int
    part: str
    item: str
    title: str


def sections(form: str, body: bytes) -> Sequence[Section]:
    """Return the relevant items of a document of `form`; empty if it has none.

    8-K: every item except the list of exhibits, or the whole text if no heading is found. 10-K: risk factors and
    management's discussion. 10-Q: management's discussion. Each text is cut at 60,000 characters.
    """
    lines, kind = lines_of(body), form.removesuffix("/A")
    headings = list(_headings(lines))
    if kind == "8-K":
        found = [section for section in _events(lines, headings) if section.item != EXHIBITS]
        return found or [Section("all", "", _cut("\n".join(lines)))] if lines else []
    return [
        section
        for (part, item), word in WANTED.get(kind, {}).items()
        if (section := _longest(lines, headings, part, item, word))
    ]


def lines_of(body: bytes) -> Sequence[str]:
    """Return the text of a document, one line per paragraph, heading and table row."""
    text = _decoded(body).replace("\x00", " ")
    if "<" not in text[:2000]:
        return [line for each in text.splitlines() if (line := " ".join(each.split()))]
    pieces = _text_of(text.replace(BREAK, " ")).split(BREAK)
    return [line for piece in pieces if (line := " ".join(piece.split()))]


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def _text_of(text: str) -> str:
    """Return the text of an HTML document with BREAK around every block element; custom entities are not expanded."""
    from lxml import etree, html  # noqa: PLC0415 - only filings need it

    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode(errors="replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise InvalidData(NAME, None, f"a filing's document cannot be read ({error})") from error
    for element in root.xpath(HIDDEN):
        if element.getparent() is not None:
            element.drop_tree()
    for element in root.iter(etree.Element):
        if element.tag in BLOCKS:
            element.text, element.tail = BREAK + (element.text or ""), BREAK + (element.tail or "")
        elif element.tag in CELLS:
            element.tail = " " + (element.tail or "")
    return str(root.text_content())


def _headings(lines: Sequence[str]) -> Iterator[_Heading]:
    part = ""
    for place, line in enumerate(lines):
        if len(line) > LONGEST_HEADING:
            continue
        if found := PART.match(line):
            part = found[1].upper()
        if not (found := ITEM.fullmatch(line)) or found["title"][:1].islower():
            continue  # a sentence that mentions an item continues in lower case
        title, text_at = found["title"].strip(), place + 1
        if not title and text_at < len(lines) and len(lines[text_at]) <= LONGEST_HEADING:
            title, text_at = lines[text_at], text_at + 1
        yield _Heading(place, text_at, part, found["item"].replace(" ", "").upper(), title)


def _events(lines: Sequence[str], headings: Sequence[_Heading]) -> Sequence[Section]:
    """Return the items of an 8-K, each up to the next item or the signatures; of duplicates the longer one."""
    marks = sorted(
        [heading.place for heading in headings]
        + [place for place, line in enumerate(lines) if SIGNATURES.fullmatch(line)]
    )
    found: dict[str, Section] = {}
    for heading in headings:
        mark = bisect_right(marks, heading.place)
        text = "\n".join(lines[heading.text_at : marks[mark] if mark < len(marks) else len(lines)])
        if len(text) > len(found[heading.item].text if heading.item in found else ""):
            found[heading.item] = Section(heading.item, heading.title, _cut(text))
    return list(found.values())


def _longest(lines: Sequence[str], headings: Sequence[_Heading], part: str, item: str, word: str) -> Section | None:
    """Return the longest text under a heading of the item; headings of an unknown part are accepted."""
    sizes = list(accumulate(map(len, lines), initial=0))
    best, extent = None, (0, 0)
    for heading, end in zip(headings, _ends(headings, len(lines)), strict=True):
        wanted = heading.item == item and (not part or heading.part in {"", part}) and word in heading.title.lower()
        if wanted and sizes[end] - sizes[heading.text_at] > sizes[extent[1]] - sizes[extent[0]]:
            best, extent = heading, (heading.text_at, end)
    return Section(best.item, best.title, _cut("\n".join(lines[slice(*extent)]))) if best else None


def _ends(headings: Sequence[_Heading], last: int) -> Sequence[int]:
    """Return the line index at which the text of each heading ends: at the next heading of another item.

    A repeated heading of the same item, such as a page header, does not end it.
    """
    ends = [last] * len(headings)
    for number in range(len(headings) - 2, -1, -1):
        here, next_ = headings[number], headings[number + 1]
        same = (here.part, here.item) == (next_.part, next_.item)
        ends[number] = ends[number + 1] if same else next_.place
    return ends


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " […]"
