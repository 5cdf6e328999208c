"""The structure that docs/architecture.md promises: layers, no circles, one meaning a name, small functions."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from statistics import median

import pytest

from tests.architecture.imports import (
    ROOT,
    circles,
    imports,
    layer_of,
    package_of,
    source_files,
)
from tests.architecture.picture import PAGE, draw, page_with

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[str, FunctionNode]]:
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, FunctionNode):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def length(node: FunctionNode) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_import_goes_up_a_layer():
    upward = [
        one
        for one in imports()
        if package_of(one.imported) and layer_of(package_of(one.imported)) < layer_of(package_of(one.importer))
    ]
    assert not upward


def test_packages_of_one_layer_do_not_import_each_other():
    sideways = [
        one
        for one in imports()
        if package_of(one.imported) not in {"", package_of(one.importer)}
        and layer_of(package_of(one.imported)) == layer_of(package_of(one.importer))
    ]
    assert not sideways


def test_no_modules_import_each_other_in_a_circle():
    edges = defaultdict(set)
    for one in imports():
        edges[one.importer].add(one.imported)
    assert circles(dict(edges)) == []


@pytest.mark.parametrize(
    ("edges", "found"),
    [({"a": {"b"}, "b": {"c"}}, []), ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]])],
)
def test_a_circle_is_recognised(edges, found):
    assert circles(edges) == found


def test_the_picture_in_the_docs_is_drawn_from_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(draw(), page), "run: python -m tests.architecture.picture"


def test_no_public_class_name_has_two_meanings():
    places = defaultdict(list)
    for path in source_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_functions_are_short():
    lengths = {name: length(node) for name, node in functions()}
    assert median(lengths.values()) <= 7
    assert {name: lines for name, lines in lengths.items() if lines > 45} == {}


def test_every_function_states_its_return_type():
    assert [name for name, node in functions() if node.returns is None] == []


def test_files_are_short():
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in source_files()}
    assert {name: lines for name, lines in sizes.items() if lines > 300} == {}
