"""An appeal's PDF beside a plain typst manuscript with the same words and faces: processor time and memory."""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask

from app.appeals import typesetting
from app.appeals.labels import labels_of
from app.base.locales import init_locales
from bench.plain_typst import people, tell

NAMES = (1_000, 10_000, 50_000)
ROUNDS = 3
HEAD = (
    "signatories", "product, s of processor", "bare typst, s of processor", "bare / product", "product, MB",
    "bare typst, MB",
)  # fmt: skip
LEAD = (
    f"One appeal in one language, in a process of its own from its first line to its end, {ROUNDS} rounds in turns; "
    "median of user and system time, highest memory of any round. The product sets the letter from data, tagged as "
    "PDF/A-2a and PDF/UA-1, and looks for characters that no face has; the plain manuscript prints the same names and "
    "lines in two columns from JSON, with the same faces and standards, and does nothing else."
)


@dataclass(frozen=True)
class Printing:
    """What one process took for one document."""

    seconds: float
    megabytes: float


def print_product(count: int) -> bytes:
    """Print as the product does."""
    lines = tuple(typesetting.PrintedSignatory(name, line) for name, line in people(count))
    sheet = typesetting.TypesetAppeal(
        language="en", direction="ltr", kind="Appeal", title="Let us read before you close", convenors=("The Circle",),
        addressees=(("Council of the City", ("Norway",)),), date=date(2026, 11, 23), summary="A summary.",
        body_markdown="Words.", demands=("Open the room.",), organisations=(), people=lines, hidden_count=0,
        total=count, version_number=1, text_sha256="0" * 64, audience="public", labels=_labels(count),
    )  # fmt: skip
    return typesetting.render_appeal(sheet).pdf


def measure_documents() -> list[tuple[str, ...]]:
    """Give the table's rows."""
    return [_row(count) for count in NAMES]


def _row(count: int) -> tuple[str, ...]:
    rounds = [
        (_in_process("bench.documents", count), _in_process("bench.plain_typst", count)) for _round in range(ROUNDS)
    ]
    product, plain = ([pair[side] for pair in rounds] for side in (0, 1))
    seconds = [statistics.median(each.seconds for each in side) for side in (product, plain)]
    memory = [max(each.megabytes for each in side) for side in (product, plain)]
    return (
        f"{count:,}", f"{seconds[0]:.2f}", f"{seconds[1]:.2f}", f"{seconds[1] / seconds[0]:.2f}",
        f"{memory[0]:,.0f}", f"{memory[1]:,.0f}",
    )  # fmt: skip


def _in_process(module: str, count: int) -> Printing:
    """Print in a new process, and ask the system what it and its children took."""
    command = [sys.executable, "-m", module, str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    return Printing(**json.loads(done.stdout))


def _labels(count: int) -> dict[str, str]:
    app = Flask(__name__)
    init_locales(app)
    with app.test_request_context():
        return dict(labels_of(count, 0))


if __name__ == "__main__":
    tell(print_product)
