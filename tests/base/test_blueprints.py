"""Routes: they write the addresses that Werkzeug's own do, and learn to only when asked."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.routing import Map, Rule

from app.base.blueprints import Route

ROUTES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/", {}),
    ("/statements/<slug>/<language>", {"slug": "über uns", "language": "en"}),
    ("/statements/<slug>", {"slug": "a/b", "page": 2, "none": None}),
    ("/desk/<int:number>/<path:rest>", {"number": 7, "rest": "a/b c"}),
    ("/i/<token>", {"token": "x", "rule": "y", "self": "z"}),
)


def _address(kind: type[Rule], rule: str, values: dict[str, Any], *, append_unknown: bool) -> str:
    urls = Map([kind(rule, endpoint="page")]).bind("localhost")
    return urls.build("page", values, append_unknown=append_unknown)


@pytest.mark.parametrize("append_unknown", [True, False])
@pytest.mark.parametrize(("rule", "values"), ROUTES)
def test_a_route_writes_the_address_that_a_rule_does(rule: str, values: dict[str, Any], append_unknown: bool) -> None:
    expected = _address(Rule, rule, values, append_unknown=append_unknown)
    assert _address(Route, rule, values, append_unknown=append_unknown) == expected


def test_a_route_compiles_once_and_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []
    compile_builder = Rule._compile_builder

    def counted(rule: Rule, append_unknown: bool = True) -> Any:
        compiled.append(rule.rule)
        return compile_builder(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    urls = Map([Route("/first", endpoint="first"), Route("/second", endpoint="second")]).bind("localhost")
    assert urls.match("/first") == ("first", {})
    assert compiled == []
    assert [urls.build("second") for _time in range(3)] == ["/second"] * 3
    assert compiled == ["/second"]
