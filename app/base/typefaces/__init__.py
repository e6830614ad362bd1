"""The faces that letters are set in, and which characters they have; rare scripts' own files lie beside this one."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

# This folder holds faces that no wheel carries; README.md says where they come from. typst itself brings four more.
PACKAGES = ("app.base.typefaces", "manimgx_fonts", "manimgx_fonts_cjk", "fontpkg_amiri")
COVERAGE = Path(__file__).with_name("coverage.txt")


def folders() -> list[Path]:
    """Return the folders with faces: the machine's own are left aside, so that every machine prints alike."""
    return [Path(str(files(package))) for package in PACKAGES]
