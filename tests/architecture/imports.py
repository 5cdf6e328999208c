"""Read the import structure of the package from its source files."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SKIPPED = frozenset({"tests", "build", "dist"})
LAYERS: tuple[tuple[str, ...], ...] = (
    ("cli",),
    ("evals",),
    ("app",),
    ("reports",),
    ("desk",),
    ("graph",),
    ("agents",),
    ("tools", "memory"),
    ("market", "llm", "ledger", "risk", "performance"),
    ("prompts", "storage"),
    ("domain",),
)
"""The top-level packages from the highest layer to the lowest, as docs/architecture.md describes them."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import of one of our modules by another; both are dotted paths below the root."""

    importer: str
    imported: str


def source_files() -> Iterator[Path]:
    """Yield every source file of the package, tests left out, in the order of their paths."""
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        if not SKIPPED & set(parts) and not any(part.startswith(".") for part in parts):
            yield path


def module_of(path: Path) -> str:
    """Return the dotted path of a source file below the root; a package is named by its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports() -> tuple[Import, ...]:
    """Return every import between two of our modules, each pair once, sorted."""
    paths = {module_of(path): path for path in source_files()}
    found = {
        Import(module, target)
        for module, path in paths.items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
        for target in _targets(node, path, paths)
        if target != module
    }
    return tuple(sorted(found, key=lambda one: (one.importer, one.imported)))


def package_of(module: str) -> str:
    """Return the top-level package of a module; the root's own modules have none."""
    return module.split(".", 1)[0] if module else ""


def layer_of(package: str) -> int:
    """Return the place of a top-level package in LAYERS, 0 being the highest; raises KeyError for an unknown one."""
    for place, layer in enumerate(LAYERS):
        if package in layer:
            return place
    raise KeyError(package)


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the groups of nodes that reach one another (Tarjan's strongly connected components of two or more)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for target in sorted(edges.get(node, ())):
            if target not in order:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], order[target])
        if low[node] == order[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                groups.append(sorted(group))

    for node in sorted(edges):
        if node not in order:
            visit(node)
    return groups


def _targets(node: ast.ImportFrom, path: Path, paths: dict[str, Path]) -> Iterator[str]:
    folder = path.relative_to(ROOT).parent.parts
    base = folder[: len(folder) - node.level + 1]
    module = ".".join((*base, *([node.module] if node.module else [])))
    for alias in node.names:
        child = f"{module}.{alias.name}" if module else alias.name
        if child in paths:
            yield child
        elif module in paths and module:
            yield module
