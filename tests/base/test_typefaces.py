"""The faces and what is written down about them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from app.base.glyphs import named, unprintable, with_stand_ins
from app.base.typefaces import COVERAGE
from app.base.typefaces.survey import ranges_of, surveyed, written
from tests.factories.sentences import SENTENCES, WITHOUT_FACE


def test_coverage_is_what_the_faces_have() -> None:
    """After a change: `python -m app.base.typefaces.survey` writes it anew."""
    assert written(surveyed()) == COVERAGE.read_text("ascii")


def test_faces_of_our_own_come_with_their_licence() -> None:
    folder = COVERAGE.parent
    assert "SIL OPEN FONT LICENSE Version 1.1" in (folder / "OFL.txt").read_text("utf-8")
    listed = (folder / "README.md").read_text("utf-8")
    assert [path.name for path in folder.glob("*.ttf") if f"`{path.name}`" not in listed] == []


def test_sentences_are_printable_where_a_face_has_them() -> None:
    assert {tag: unprintable(sentence) for tag, sentence in SENTENCES.items() if unprintable(sentence)} == {}
    assert all(unprintable(sentence) for sentence in WITHOUT_FACE.values())


def test_stand_ins_name_each_run_once() -> None:
    assert with_stand_ins("Ana \U00012000\U00012009, b\x01") == "Ana [U+12000 U+12009], b[U+0001]"
    assert unprintable("\U00012009 \U00012000\U00012009") == "\U00012009\U00012000"
    assert with_stand_ins("a कि b", frozenset({"कि"})) == f"a {named('कि')} b"
    assert with_stand_ins("Zoë می‌خواهیم") == "Zoë می‌خواهیم"


def test_ranges_hold_what_they_are_made_of() -> None:
    assert ranges_of({1, 2, 3, 5, 9, 8}) == [(1, 3), (5, 5), (8, 9)]


def test_asking_opens_no_face_and_loads_no_typesetter() -> None:
    asked = "import sys; from app.base.glyphs import unprintable; assert unprintable('\U00012000'); "
    program = asked + "print([name for name in sys.modules if 'typst' in name or 'font' in name])"
    root = Path(__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
