"""Say what was measured, where and how: a table on the screen and in bench/results.md."""

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.comparison import ROUNDS, SECONDS, Result, spread
from bench.load import CONNECTIONS, generator

RESULTS = Path(__file__).with_name("results.md")
HEAD = ("database", "what", "product, per second", "yardstick", "yardstick, per second", "ratio", "p50 ms", "p99 ms")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


def _commit() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=RESULTS.parent, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    changed = git(
        "status", "--porcelain", "--untracked-files=no", "--", "../app", "../templates", "../requirements.txt"
    )
    return (git("rev-parse", "--short", "HEAD") or "unknown") + (" with uncommitted changes" if changed else "")


def rows(results: list[Result]) -> list[tuple[str, ...]]:
    """Give the table's cells."""
    found: list[tuple[str, ...]] = []
    for result in results:
        product, bare = result.rates()
        found.append(
            (
                result.database,
                result.name,
                spread(product),
                result.yardstick,
                spread(bare),
                f"{result.ratio():.2g}",
                f"{result.percentile('p50_ms'):.1f}",
                f"{result.percentile('p99_ms'):.1f}",
            )
        )
    return found


@dataclass(frozen=True)
class Section:
    """One table of the report with what is to be said about it."""

    title: str
    lead: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    notes: list[str]

    def as_text(self) -> str:
        """Lay the table out for a terminal."""
        table = [self.head, *self.rows]
        widths = [max(len(row[column]) for row in table) for column in range(len(self.head))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table
        ]
        return "\n".join(["", self.title, lines[0], "-" * len(lines[0]), *lines[1:], *self.notes])

    def as_markdown(self) -> list[str]:
        """Give the lines of the section."""
        table = ["| " + " | ".join(row) + " |" for row in (self.head, ("---",) * len(self.head), *self.rows)]
        return [f"## {self.title}", "", self.lead, "", *table, "", *[f"- {note}" for note in self.notes], ""]


def write(sections: list[Section]) -> None:
    """Write sections into bench/results.md, in the place of what was measured of the same before."""
    kept = _kept()
    measured = f"*Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}; {_machine()}.*"
    for section in sections:
        title, *rest = section.as_markdown()
        kept[title] = [title, "", measured, *rest]
    text = [
        "# What was measured",
        "",
        "Written by `make bench`; don't edit. Trust ratios more than rates, and differences above 1.3 times only. Each",
        "table says when it was measured.",
        "",
        f"- Load: {generator()}, {CONNECTIONS} connections; {ROUNDS} rounds of {SECONDS:.0f} s for each side, in turns;"
        " a slow page runs longer; load and servers share the machine",
        "- gunicorn: 2 of the workers of deploy/ for both sides (bench/gunicorn_settings.py)",
        "- A rate is the median of the rounds (lowest–highest), a ratio the median of the rounds' ratios",
        "",
        *[line for lines in kept.values() for line in lines],
    ]
    RESULTS.write_text("\n".join(text).rstrip() + "\n", encoding="utf-8")


def _machine() -> str:
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} × {_processor()}, {system}"


def _kept() -> dict[str, list[str]]:
    """Return the sections that were written before, by their headings."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []:
        if line.startswith("## "):
            title = line
        if title:
            found.setdefault(title, []).append(line)
    return {heading: [*lines, ""] if lines[-1] else lines for heading, lines in found.items()}
