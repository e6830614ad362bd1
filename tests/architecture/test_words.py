"""One word has one class in the whole house, and the glossary knows the words that have a class or a table."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from app import load_models
from app.base.database import Base

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def _classes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(str(path.relative_to(ROOT)))
    return found


def test_no_two_classes_share_a_name() -> None:
    classes = _classes()
    assert len(classes) > 300
    assert {name: files for name, files in classes.items() if len(files) > 1} == {}


def test_the_glossary_knows_every_table() -> None:
    load_models()
    tables = set(Base.metadata.tables)
    known = set(re.findall(r"`([a-z_]+)`", GLOSSARY))
    assert tables - known == set()


def test_the_glossary_speaks_of_classes_that_exist() -> None:
    named = set(re.findall(r"`([A-Z][A-Za-z]+)`", GLOSSARY))
    assert len(named) > 50
    assert named - _classes().keys() == set()


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    words = re.findall(r"^\| ([^|]+?) \|", GLOSSARY, re.MULTILINE)[2:]
    assert words == sorted(words, key=str.casefold)
    assert len(words) == len(set(words))
