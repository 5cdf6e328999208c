"""Drawings of a desk's graph: Mermaid for documents, plain text for a terminal."""

from collections.abc import Collection, Iterator, Mapping

from .description import BEGIN, GraphShape

RESERVED = frozenset({"end", "start", "graph", "subgraph", "style", "class", "click", "default", "flowchart"})
"""Words that Mermaid does not accept as the id of a node."""


def mermaid(shape: GraphShape, scoped: Collection[str] = ()) -> str:
    """Return the graph as a Mermaid flowchart.

    Roles are boxes, computations hexagons, `scoped` roles stacks that work once for every symbol. Dotted arrows depend
    on a condition; the run ends where none holds.
    """
    lines = ["flowchart TD", f"    {_id(BEGIN)}([{BEGIN}])"]
    for name in shape.agents:
        lines.append(f'    {_id(name)}[["{name}, for every symbol"]]' if name in scoped else f"    {_id(name)}[{name}]")
    lines += [f"    {_id(name)}{{{{{name}}}}}" for name in shape.computations]
    lines += [f"    {_id(e.before)} {'-.->' if e.conditional else '-->'} {_id(e.after)}" for e in shape.edges]
    return "\n".join(lines)


def _id(name: str) -> str:
    return f"{name}_" if name in RESERVED else name


def text_drawing(shape: GraphShape, scoped: Collection[str] = ()) -> str:
    """Return the graph as lines from top to bottom; nodes on one line work at the same time.

    Computations are in parentheses. `|` leads on always, `:` under a condition; the run ends where none holds.
    """
    lines, drawn = [f"  {BEGIN}"], {BEGIN}
    for row in rows_of(shape):
        leading = [edge for edge in shape.edges if edge.after in row and edge.before in drawn]
        bar = ":" if all(edge.conditional for edge in leading) else "|"
        names = "   ".join(f"({name})" if name in shape.computations else name for name in row)
        lines += [f"    {bar}", f"  {names}{_notes(shape, row, drawn, scoped)}"]
        drawn |= set(row)
    return "\n".join(lines)


def _notes(shape: GraphShape, row: Collection[str], drawn: Collection[str], scoped: Collection[str]) -> str:
    """Return what a row adds to the nodes: for every symbol, and the nodes that it leads back to."""
    back = dict.fromkeys(edge.after for edge in shape.edges if edge.before in row and edge.after in drawn)
    notes = ["for every symbol"] if any(name in scoped for name in row) else []
    notes += [f"then back to {name}" for name in back]
    return f"   <- {', '.join(notes)}" if notes else ""


def rows_of(shape: GraphShape) -> tuple[tuple[str, ...], ...]:
    """Return the nodes in rows: a node is below all nodes before it, and a part that repeats is above what follows."""
    loops = _loops(shape)
    entries = {e.after for e in shape.edges if e.before not in loops.get(e.after, ()) and e.after in loops}
    forward = [e for e in shape.edges if not (e.after in entries and e.before in loops[e.after])]
    names = (*shape.agents, *shape.computations)
    level = dict.fromkeys(names, 0)
    for _ in names:
        for edge in forward:
            before = (
                {edge.before} if edge.after in loops.get(edge.before, ()) else loops.get(edge.before, {edge.before})
            )
            lowest = max((level.get(name, -1) for name in before), default=-1)
            level[edge.after] = max(level[edge.after], lowest + 1)
    return tuple(tuple(name for name in names if level[name] == place) for place in sorted(set(level.values())))


def _loops(shape: GraphShape) -> Mapping[str, frozenset[str]]:
    """Return, for every node of a part that repeats, all nodes of that part."""
    following: dict[str, set[str]] = {}
    for edge in shape.edges:
        following.setdefault(edge.before, set()).add(edge.after)
    reached = {name: frozenset(_reached(name, following)) for name in following}
    return {
        name: frozenset(other for other in ends if name in reached.get(other, ()))
        for name, ends in reached.items()
        if name in ends
    }


def _reached(name: str, following: Mapping[str, Collection[str]]) -> Iterator[str]:
    """Yield every node that can follow `name`, once."""
    seen, waiting = set[str](), list(following.get(name, ()))
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            yield node
            waiting += following.get(node, ())
