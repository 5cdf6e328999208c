"""Desk files over a book, for tests: one answer over all symbols, or one answer for each symbol."""

PANEL = """
name: shared_book
intake: {scope: book}
roles:
  - {role: analyst, name: technical, tools: [bars, indicators]}
  - {role: analyst, name: news, tools: [news]}
deliberation: {kind: panel, decider: allocator}
decision: {kind: allocation}
memory: {preset: default}
"""
EACH = """
name: each_symbol
intake: {scope: book}
roles:
  - {role: analyst, name: technical, tools: [bars, indicators]}
  - {role: analyst, name: news, tools: [news]}
deliberation: {kind: panel, decider: trader}
decision: {kind: direction}
sizing: {kind: equal}
memory: {preset: default}
"""

WEIGHTS = """\
name: weights
intake: {scope: book}
roles:
  - {role: analyst, name: technical, tools: [bars, indicators]}
  - {role: analyst, name: news, tools: [news]}
deliberation: {kind: panel, decider: allocator}
decision: {kind: allocation}
"""


def write_desk(folder, text=PANEL):
    """Write a desk file and return its path."""
    path = folder / "book_desk.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)
