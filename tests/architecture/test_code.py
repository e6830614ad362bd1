"""The code keeps the house's measures: small functions, small files, no hidden imports, a sentence on each module."""

import ast
import math
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FUNCTION = 45
LONGEST_FILE = 350
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "data"}


def _sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield from (path for name in ("config.py", "wsgi.py") if (path := ROOT / name).exists())


ALL = list(_sources("app", "migrations", "tests", "bench"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_module_keeps_the_measures(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    found = []
    lines = source.count("\n")
    if lines > LONGEST_FILE:
        found.append(f"is {lines} lines long, more than {LONGEST_FILE}")
    if not ast.get_docstring(tree):
        found.append("begins with no sentence on its job")
    # A migration lists its tables in one go; it is written once and never grows.
    longest = math.inf if "versions" in path.parts else LONGEST_FUNCTION
    for function in _functions(tree):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > longest:
            found.append(f"{function.name} (line {function.lineno}) is {length} lines long")
        found.extend(
            f"{function.name} imports inside itself (line {node.lineno})"
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        )
    assert not found, f"{_name(path)}: " + "; ".join(found)


def test_no_module_has_a_vague_name() -> None:
    vague = [_name(path) for path in ALL if path.stem in VAGUE_NAMES or VAGUE_NAMES & set(path.parent.parts)]
    assert not vague


def test_actions_never_commit() -> None:
    """One transaction a request or job, opened at the edge (design law 4)."""
    inner = ("actions", "queries", "emails", "models", "states", "forms")
    committing = [
        f"{_name(path)}:{node.lineno}"
        for path in ALL
        if path.stem in inner and "app" in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "begin", "rollback"}
    ]
    assert not committing


def _sleeps(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep":
            yield node.lineno


def test_tests_never_sleep() -> None:
    """Time is a clock that tests set. A process is waited for in a loop with a condition, not for a duration."""
    sleeping = []
    for path in ALL:
        if path.name.startswith("test_"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            polling = {line for loop in ast.walk(tree) if isinstance(loop, ast.While) for line in _sleeps(loop)}
            sleeping += [f"{_name(path)}:{line}" for line in _sleeps(tree) if line not in polling]
    assert not sleeping


def test_pages_ask_for_post_and_not_for_get() -> None:
    """A page that tests for GET takes a HEAD for a submitted form (design law 1: looking is not signing)."""
    asking = [
        f"{_name(path)}:{node.lineno}"
        for path in ALL
        if "app" in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr == "method"
        and any(isinstance(each, ast.Constant) and each.value == "GET" for each in node.comparators)
    ]
    assert not asking
