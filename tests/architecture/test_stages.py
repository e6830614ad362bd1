"""Every stage has a layers contract of its own, and no room of the house grows past what one head holds."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
LARGEST_SHARE = 0.10
# Above the stages, and an edge of its own: its parts are told apart by what they load.
WITHOUT_LAYERS = {"app.demonstration"}
FEW = 2  # modules that need no order


def _packages() -> list[Path]:
    return sorted(path.parent for path in APP.rglob("__init__.py") if path.parent != APP)


def _dotted(package: Path) -> str:
    return ".".join(package.relative_to(ROOT).parts)


def _contracts() -> dict[str, dict[str, object]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layered = [each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    return {container: contract for contract in layered for container in contract["containers"]}


def test_every_stage_has_an_exhaustive_contract() -> None:
    contracts = _contracts()
    large = {_dotted(each) for each in _packages() if len(list(each.glob("*.py"))) > FEW} - WITHOUT_LAYERS
    assert large <= contracts.keys()
    assert all(contracts[each].get("exhaustive") is True for each in ("app", *large))


def test_every_stage_describes_itself() -> None:
    silent = [
        path.name
        for path in APP.iterdir()
        if path.is_dir() and any(path.glob("*.py")) and not (path / "__init__.py").exists()
    ]
    assert silent == []


def test_no_room_holds_more_than_a_tenth_of_the_house() -> None:
    lines = {
        room.name: sum(len(file.read_text(encoding="utf-8").splitlines()) for file in room.rglob("*.py"))
        for room in APP.iterdir()
        if (room / "__init__.py").exists()
    }
    total = sum(lines.values())
    assert total > 10_000, "the house was not found"
    assert {name: size for name, size in lines.items() if size > LARGEST_SHARE * total} == {}
