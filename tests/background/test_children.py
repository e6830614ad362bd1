"""The child that reads files: what it may take, what it says when it may not, and that there is one at a time."""

from __future__ import annotations

import fcntl
import os
from dataclasses import replace

import pytest

from app.background import children
from app.background.children import FileBroken, FileReader, FileTooHeavy, ReadersBusy, read_in_child

READER = FileReader("app.sheets.csv_reading", 256 * 1024 * 1024, 10, 1024 * 1024)
LIST = b"\nname\nAnn\n"


def test_child_reads_without_loading_the_service() -> None:
    """With 64 MB nothing of Flask or SQLAlchemy could be loaded beside the reader."""
    assert b'"header":["name"]' in read_in_child(replace(READER, memory_bytes=64 * 1024 * 1024), LIST)


@pytest.mark.parametrize(
    ("reader", "content"),
    [
        (replace(READER, memory_bytes=64 * 1024 * 1024), b"\na" + b"," * 5_000_000),
        (replace(READER, processor_seconds=0), LIST),
        (replace(READER, answer_bytes=10), LIST),
    ],
    ids=["memory", "processor", "answer"],
)
def test_child_that_asks_for_too_much_is_ended(reader: FileReader, content: bytes) -> None:
    with pytest.raises(FileTooHeavy):
        read_in_child(reader, content)


def test_child_that_stumbles_says_so() -> None:
    with pytest.raises(FileBroken):
        read_in_child(replace(READER, module="app.imports.no_such_reader"), LIST)


def test_one_child_reads_at_a_time_over_all_forked_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was forked shares what was open before; the place is opened anew, so its lock is its own."""
    monkeypatch.setattr(children, "_WAIT_SECONDS", 0.0)
    held_elsewhere = children._opened_again()
    fcntl.flock(held_elsewhere, fcntl.LOCK_EX)
    with pytest.raises(ReadersBusy):
        read_in_child(READER, LIST)
    os.close(held_elsewhere)  # as the system does for a process that dies
    assert read_in_child(READER, LIST)
