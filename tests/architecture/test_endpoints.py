"""Links lead somewhere, and no page knows one of a later stage by the name of its endpoint."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.base.blueprints import Pages
from app.base.parts import parts_of
from app.base.signposts import Landmark, Signpost, Signposts
from app.campaigns.navigation import CampaignTab
from app.statements.desk import StatementTab

ROOT = Path(__file__).parents[2]
CONTRACT = "A stage imports only earlier stages"
# Mails and layouts are of no stage; the edges above the stages know them all.
OF_NO_STAGE = {"_layout", "email", "static", "translations", "__pycache__"}


def _order() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = [each for each in settings["tool"]["importlinter"]["contracts"] if each["name"] == CONTRACT]
    layers = [re.findall(r"\w+", layer) for layer in contract["layers"]]
    return [stage for layer in reversed(layers) for stage in layer]


def _stage_of(blueprint: Pages) -> str:
    return blueprint.import_name.split(".")[1]


def _links(app: Flask) -> list[tuple[str, str, str]]:
    """Return every endpoint that stands in a stage's code and templates: the stage, the file and the endpoint."""
    names = "|".join(app.blueprints)
    quoted = re.compile(rf"""(?<![\w.])["']((?:{names})\.[a-z_]+)["']""")
    found = []
    for folder in (ROOT / "app", ROOT / "templates"):
        for path in [*folder.rglob("*.py"), *folder.rglob("*.html"), *folder.rglob("*.txt")]:
            stage = path.relative_to(folder).parts[0]
            if stage in OF_NO_STAGE or stage not in _order():
                continue
            found += [(stage, str(path.relative_to(ROOT)), each) for each in quoted.findall(path.read_text("utf-8"))]
    return found


def _is_event(endpoint: str, app: Flask) -> bool:
    """Tell whether it is the name of a log event or an audited deed, which have the same shape."""
    return endpoint not in app.view_functions


def test_no_stage_names_a_page_of_a_later_one(app: Flask) -> None:
    order, upwards = _order(), []
    links = [(stage, file, endpoint) for stage, file, endpoint in _links(app) if not _is_event(endpoint, app)]
    assert len(links) > 100
    for stage, file, endpoint in links:
        blueprint = app.blueprints[endpoint.partition(".")[0]]
        assert isinstance(blueprint, Pages)
        if order.index(_stage_of(blueprint)) > order.index(stage):
            upwards.append(f"{file}: {endpoint}")
    assert upwards == []


def test_every_signpost_leads_to_a_page(app: Flask) -> None:
    posts: Signposts = parts_of(app).signposts
    assert len(posts.of(CampaignTab)) >= 10
    assert len(posts.of(StatementTab)) >= 7
    assert [each.endpoint for each in posts.of(Signpost) if each.endpoint not in app.view_functions] == []


def test_every_place_that_a_page_links_to_is_filled(app: Flask) -> None:
    posts: Signposts = parts_of(app).signposts
    named = {
        name
        for path in (ROOT / "app").rglob("*.py")
        for name in re.findall(r"\bway_to\((?:\w+\.)?([A-Z_]+)", path.read_text("utf-8"))
    }
    places = {
        name
        for path in (ROOT / "app").rglob("*.py")
        for name in re.findall(r"Landmark\(name=([A-Z_]+)", path.read_text("utf-8"))
    }
    assert named
    assert named <= places
    assert len(places) == len(posts.of(Landmark))


def test_a_misspelt_flag_of_a_blueprint_is_refused() -> None:
    with pytest.raises(TypeError):  # a page for operators would be open to everybody otherwise
        Pages("x", __name__, is_for_operator=True)  # type: ignore[call-arg]


def test_every_blueprint_is_of_the_kind_with_named_flags(app: Flask, client: FlaskClient) -> None:
    assert [name for name, blueprint in app.blueprints.items() if not isinstance(blueprint, Pages)] == []
