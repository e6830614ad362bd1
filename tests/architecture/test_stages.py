"""Every module of a stage stands at a declared layer: a stray one would escape the import contracts."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONTRACT = "Inside a stage, imports go down"
# `base` has no domain and so no layers; `demonstration` is an edge of its own.
WITHOUT_LAYERS = {"base", "demonstration"}


def _declared() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = [each for each in settings["tool"]["importlinter"]["contracts"] if each["name"] == CONTRACT]
    layers = " ".join(contract["layers"])
    return set(layers.replace("(", " ").replace(")", " ").replace("|", " ").replace(":", " ").split())


def test_every_module_stands_at_a_declared_layer() -> None:
    declared = _declared()
    stages = [path for path in (ROOT / "app").iterdir() if path.is_dir() and path.name not in WITHOUT_LAYERS]
    undeclared = [
        str(path.relative_to(ROOT))
        for stage in stages
        for path in sorted(stage.rglob("*.py"))
        if path.stem != "__init__" and path.stem not in declared
    ]
    assert undeclared == []


def test_every_stage_describes_itself() -> None:
    silent = [
        path.name
        for path in (ROOT / "app").iterdir()
        if path.is_dir() and any(path.glob("*.py")) and not (path / "__init__.py").exists()
    ]
    assert silent == []
