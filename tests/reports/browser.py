"""Headless Chromium for tests: a page is laid out at several widths and measured."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
    "--virtual-time-budget=1000",
    "--dump-dom",
)
MEASURE = """
const box = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
const column = e => {  // width of a cell's text in em; Infinity if the text is not wrapped
  const style = getComputedStyle(e), sides = (a, b) => parseFloat(style[a]) + parseFloat(style[b]);
  const text = document.createRange();
  text.selectNodeContents(e);
  const high = text.getBoundingClientRect().height;
  const wide = e.clientWidth - sides("paddingLeft", "paddingRight");
  return high < 1.9 * parseFloat(style.lineHeight) ? Infinity : wide / parseFloat(style.fontSize);
};
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument, svg = [...page.querySelectorAll("svg.chart")].find(e => e.clientWidth);
    return {
      overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
      chart: svg ? box(svg) : [],
      tags: svg ? [...svg.querySelectorAll("g.level")].map(tag => ({
        box: box(tag.querySelector("rect")), texts: [...tag.querySelectorAll("text")].map(box)})) : [],
      texts: svg ? [...svg.querySelectorAll("text")].map(box) : [],
      figures: Object.fromEntries([...page.querySelectorAll("[data-figure]")].map(
        e => [e.dataset.figure, e.querySelector("b").textContent])),
      clipped: [...page.querySelectorAll(".tile b")].filter(e => e.scrollWidth > e.clientWidth).length,
      narrowest: Math.min(99, ...[...page.querySelectorAll("td:not(.n)")].filter(e => e.clientWidth).map(column)),
      hidden: [...page.querySelectorAll(".scroll td")].filter(
        e => e.clientWidth && e.getBoundingClientRect().right > e.closest(".scroll").getBoundingClientRect().right + 1
      ).map(e => e.textContent),
      spilled: [...page.querySelectorAll("svg.figure text")].filter(e => {
        const t = e.getBoundingClientRect(), s = e.ownerSVGElement.getBoundingClientRect();
        return t.left < s.left - 1 || t.right > s.right + 1 || t.top < s.top - 1 || t.bottom > s.bottom + 1;
      }).map(e => e.textContent),
      folded: [...page.querySelectorAll("tr.uncited")].every(e => !e.checkVisibility()),
    };
  });
  const out = document.createElement("pre");
  out.id = "measured";
  out.textContent = JSON.stringify(found);
  document.body.append(out);
});
"""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Tag:
    """A level tag: its box and the boxes of its texts, as left, top, right, bottom in pixels."""

    box: Box
    texts: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """One page at one width: pixels that overflow the viewport, boxes of the visible chart, figures of the strip.

    `narrowest` is the width of the narrowest wrapped text column of a table, in em; `hidden` are the texts of cells
    that must be scrolled to, and `spilled` those of figures that leave their drawing.
    """

    overflow: float
    chart: Box
    tags: tuple[Tag, ...]
    texts: tuple[Box, ...]
    figures: Mapping[str, str]
    clipped: int
    narrowest: float
    hidden: Sequence[str]
    spilled: Sequence[str]
    folded: bool


def chromium() -> str | None:
    """Return the path of an installed Chromium; None without one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def measure(program: str, pages: Sequence[str], widths: Sequence[int], folder: Path) -> tuple[Measured, ...]:
    """Lay out each page at each width and return what is measured, page by page.

    `folder` is empty; the browser keeps its profile in it.
    """
    frames = "".join(
        f'<iframe style="width:{width}px;height:900px" srcdoc="{escape(page)}"></iframe>'
        for page in pages
        for width in widths
    )
    host = folder / "host.html"
    host.write_text(
        f'<!doctype html><meta charset="utf-8"><style>iframe{{border:0}}</style><script>{MEASURE}</script>{frames}'
    )
    dumped = subprocess.run(
        [program, *FLAGS, f"--user-data-dir={folder / 'profile'}", host.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    found = re.search(r'<pre id="measured">(.*?)</pre>', dumped, re.DOTALL)
    assert found is not None, "the page was not measured"
    return tuple(_measured(each) for each in json.loads(unescape(found[1])))


def _measured(raw: dict[str, object]) -> Measured:
    tags = raw.pop("tags")
    assert isinstance(tags, list)
    return Measured(tags=tuple(Tag(tag["box"], tuple(tag["texts"])) for tag in tags), **raw)  # type: ignore[arg-type]
