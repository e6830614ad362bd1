"""The key file: made once, private, never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.base.keys import KeyFileError, Keys, create_key_file


def test_create_private_file_that_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "key"
    create_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keys.from_file(path).derive("a") == Keys.from_file(path).derive("a")
    assert Keys.from_file(path).derive("a") != Keys.from_file(path).derive("b")


def test_never_overwrite_a_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_key_file(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        create_key_file(path)
    assert path.read_bytes() == before


def test_missing_key_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="flask key create"):
        Keys.from_file(tmp_path / "none")


@pytest.mark.parametrize("content", ["", "not base64!", "c2hvcnQ=", "é"])
def test_refuse_what_is_no_key(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    with pytest.raises(KeyFileError):
        Keys.from_file(path)
