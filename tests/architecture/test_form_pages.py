"""Every page acts on its form by the one shared piece; what does so by hand is named here with its reason."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.base.errors import Refusal

ROOT = Path(__file__).parents[2]
PAGES = sorted(path for path in (ROOT / "app").glob("*/*.py") if path.stem == "pages" or path.stem.endswith("_pages"))
BY_HAND = {
    "signatures.pages.decide": "which refusal it is decides between four answers, and what is looked at first tells",
    "signatures.manage_pages.withdraw": "a token is looked at beside the form, and who withdrew already is led on",
    "signatures.change_pages.decide_change": "a token is looked at beside the form, and both are said at once",
    "accounts.factor_pages._app_page": "a key that is over is no fault of the form: the page offers another",
    "accounts.pages.set_password": "a password is hashed, slowly, between the look at the form and the transaction",
    "accounts.pages.change_password": "passwords are compared and hashed, slowly, between two transactions",
}
STATUSES = {"UNPROCESSABLE_ENTITY", "UNPROCESSABLE_CONTENT", 422}
# A field's words are asked of the field: `.words`.
SPELLED = re.compile(r"""\.data or ["']|\bstr\([\w.\[\]"']+\.data\)""")


def _functions() -> Iterator[tuple[str, ast.FunctionDef, Any]]:
    for path in PAGES:
        name = ".".join(path.relative_to(ROOT / "app").with_suffix("").parts)
        module = importlib.import_module(f"app.{name}")
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                yield f"{name}.{node.name}", node, module


def _catches_refusals(function: ast.FunctionDef, module: Any) -> bool:
    handlers = [node.type for node in ast.walk(function) if isinstance(node, ast.ExceptHandler) and node.type]
    names = [node.id for kind in handlers for node in ast.walk(kind) if isinstance(node, ast.Name)]
    caught = [getattr(module, name, None) for name in names]
    return any(isinstance(one, type) and issubclass(one, Refusal) for one in caught)


def _names_the_status(function: ast.FunctionDef) -> bool:
    spelled = [getattr(node, "attr", getattr(node, "value", None)) for node in ast.walk(function)]
    return any(one in STATUSES for one in spelled if isinstance(one, str | int))


def _validates_and_writes(function: ast.FunctionDef) -> bool:
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    names = {getattr(each, "attr", getattr(each, "id", "")) for each in called}
    return {"validate", "writing"} <= names


def _is_by_hand(function: ast.FunctionDef, module: Any) -> bool:
    return _catches_refusals(function, module) or _names_the_status(function) or _validates_and_writes(function)


def test_pages_leave_refusals_and_statuses_to_the_shared_piece() -> None:
    assert {name for name, function, module in _functions() if _is_by_hand(function, module)} == set(BY_HAND)


def test_the_words_of_a_field_are_asked_of_the_field() -> None:
    spelled = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        if path != ROOT / "app" / "base" / "forms.py"
        for found in SPELLED.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not spelled
