"""Of whom a machine may say that they are gone: of its own dead only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.background.holders import LONGEST_HOLDER, gone, new_holder

FOLDER = Path(__file__).parents[2]
HOLDING = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("holders", "app/background/holders.py")
holders = importlib.util.module_from_spec(spec)
spec.loader.exec_module(holders)
print(holders.new_holder(), flush=True)
sys.stdin.read()
"""


def test_two_holders_of_one_process_differ_and_live() -> None:
    one, other = new_holder(), new_holder()
    assert one != other
    assert len(one) <= LONGEST_HOLDER
    assert gone([one, other, None]) == []


def test_a_killed_process_is_gone_even_before_anybody_has_asked_for_its_end() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    holder = process.stdout.readline().strip()
    assert gone([holder]) == []
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # a zombie as yet
    assert gone([holder]) == [holder]
    process.communicate()
    assert gone([holder]) == [holder]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_only_the_same_process_of_the_same_machine_is_judged(part: int) -> None:
    """Another machine's is believed to live; a number that another process has got by now is not."""
    parts = new_holder().split(" ")
    parts[part] = ["00000000", "4194304", "1"][part]
    changed = " ".join(parts)
    assert gone([changed]) == ([] if part == 0 else [changed])


@pytest.mark.parametrize("holder", ["", "web-1 17 0a1b2c3d", "6xqf9f7qxryf37cqrj5x", "00000000 1 2 3"])
def test_what_is_no_holder_of_ours_is_left_to_its_lease(holder: str) -> None:
    assert gone([holder]) == []
