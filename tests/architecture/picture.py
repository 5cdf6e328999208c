"""Draw the import picture of docs/architecture.md from the code: `python -m tests.architecture.picture` writes it."""

import re
import sys
from collections import Counter

from .imports import (
    LAYERS,
    ROOT,
    Import,
    imports,
    layer_of,
    module_of,
    package_of,
    source_files,
)

PAGE = ROOT / "docs" / "architecture.md"
START, END = "<!-- generated: import picture -->", "<!-- end of the import picture -->"


def between_packages() -> Counter[tuple[str, str]]:
    """Return how many modules of one top-level package import from another."""
    pairs = {(package_of(one.importer), one.importer, package_of(one.imported)) for one in _crossing()}
    return Counter((importer, imported) for importer, _, imported in pairs)


def draw() -> str:
    """Return the generated part of the page: a Mermaid graph of the packages, and a table of their sizes."""
    return "\n".join([START, "", *_graph(), "", *_table(), "", END])


def page_with(picture: str, page: str) -> str:
    """Return `page` with its generated part replaced; raises ValueError where the page has no place for it."""
    found = re.compile(f"{re.escape(START)}.*?{re.escape(END)}", re.DOTALL)
    if not found.search(page):
        raise ValueError(f"{PAGE.name} has no part between {START} and {END}")
    return found.sub(lambda _: picture, page)


def _crossing() -> tuple[Import, ...]:
    return tuple(one for one in imports() if package_of(one.imported) not in {"", package_of(one.importer)})


def _graph() -> list[str]:
    pairs = between_packages()
    lines = ["```mermaid", "flowchart TB"]
    for layer in LAYERS:
        lines.append(f"  subgraph layer{len(LAYERS) - 1 - LAYERS.index(layer)}[ ]")
        lines += [f"    {package}" for package in layer]
        lines.append("  end")
    lines += [f"  {importer} --> {imported}" for importer, imported in sorted(pairs, key=_from_the_top)]
    return [*lines, "```"]


def _from_the_top(pair: tuple[str, str]) -> tuple[int, str, int, str]:
    importer, imported = pair
    return layer_of(importer), importer, layer_of(imported), imported


def _table() -> list[str]:
    files, below = Counter[str](), Counter[str]()
    for path in source_files():
        package = package_of(module_of(path))
        files[package] += 1
        below[package] += len(path.read_text(encoding="utf-8").splitlines())
    pairs = between_packages()
    rows = ["| layer | package | files | lines, to the nearest hundred | imports |", "|---|---|---|---|---|"]
    for place, layer in enumerate(LAYERS):
        for package in layer:
            targets = sorted((name for importer, name in pairs if importer == package), key=lambda n: (layer_of(n), n))
            shown = ", ".join(targets) or "nothing"
            size = f"{files[package]} | {round(below[package], -2):,}"
            rows.append(f"| {len(LAYERS) - 1 - place} | `{package}` | {size} | {shown} |")
    return rows


if __name__ == "__main__":
    PAGE.write_text(page_with(draw(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} is up to date\n")
