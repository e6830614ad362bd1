"""The yardstick of documents: typst alone prints names and lines in two columns, and says what that took."""

import json
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import typst

from app.base.typefaces import folders

_FIRST = ("Olena", "Nino", "Amara", "Tomás", "Leila", "Søren", "Ayşe", "Jana", "Ivan", "Miriam")
_LAST = ("Tovsta", "Kapan", "Okafor", "Villa", "Haddad", "Kjær", "Yıldız", "Nováková", "Petrov", "Levy")
_PLAIN = """
#set document(title: "Let us read before you close", date: datetime(year: 2026, month: 11, day: 23))
#set text(font: ("Noto Sans", "Libertinus Serif"), size: 9.2pt, lang: "en")
#set page(paper: "a4", margin: (top: 24mm, bottom: 27mm, x: 27mm), numbering: "1 / 1")
#title[Let us read before you close]
= Signatories
#columns(2, for (name, line) in json(bytes(sys.inputs.people)) [*#name* \\ #text(8.2pt, line) #parbreak()])
"""


def people(count: int) -> Iterator[tuple[str, str]]:
    """Yield so many invented names, each with a line."""
    for number in range(count):
        first, last = _FIRST[number % 10], _LAST[number // 10 % 10]
        yield f"{first} {last} {number}", f"Human rights lawyer, City Council {number % 97}, Ukraine"


def tell(print_names: Callable[[int], bytes]) -> None:
    """Print as many names as the command line says, and say what this process and its children took."""
    before = os.times()
    print_names(int(sys.argv[1]))
    seconds = sum(os.times()[:4]) - sum(before[:4])
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    kilobytes = max(resource.getrusage(one).ru_maxrss for one in whose)
    print(json.dumps({"seconds": seconds, "megabytes": kilobytes / 1024}))


def print_plainly(count: int) -> bytes:
    """Print by typst and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "plain.typ")
        source.write_text(_PLAIN, encoding="utf-8")
        pdf = typst.compile(
            str(source),
            root=folder,
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(each) for each in folders()]),
            sys_inputs={"people": json.dumps(list(people(count)), ensure_ascii=False)},
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            timestamp=0,
        )
    assert isinstance(pdf, bytes)
    return pdf


if __name__ == "__main__":
    tell(print_plainly)
