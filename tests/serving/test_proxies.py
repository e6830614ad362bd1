"""The proxies' settings in deploy/: known to the programs, patient with the slow, and silent about who came."""

from __future__ import annotations

import http.client
import re
from contextlib import closing
from pathlib import Path

import pytest

from tests.servers.certificates import Authority
from tests.servers.postgres import _free_port
from tests.servers.proxies import CADDY, DEPLOY, NAME, NGINX, Places, Proxy
from tests.servers.slow import ask, unfinished
from tests.serving.conftest import WebServer

HEALTH_REQUESTS = 20
TOO_LARGE = {413, 502}  # Debian's Caddy calls it a bad gateway
CANARY = "canary-token"
PROXIES = pytest.mark.parametrize("proxy", [NGINX, CADDY], ids=["nginx", "caddy"])


def test_nginx_knows_every_line_as_it_is_shipped(tmp_path: Path) -> None:
    """Certificates apart, which are not on this machine."""
    Authority(tmp_path).server_context([NAME])
    (both,) = set(tmp_path.glob("*.pem")) - {tmp_path / "authority.pem"}
    text = (DEPLOY / NGINX.file).read_text(encoding="utf-8").replace("/run/", f"{tmp_path}/")
    text = re.sub(rf"/etc/letsencrypt/live/{NAME}/\w+\.pem", str(both), text)
    (tmp_path / NGINX.file).write_text(text, encoding="utf-8")
    answer = NGINX.check(tmp_path / NGINX.file)
    assert answer.returncode == 0, answer.stderr
    assert "warn" not in answer.stderr


def test_caddy_knows_every_line_as_it_is_shipped() -> None:
    answer = CADDY.check(DEPLOY / CADDY.file)
    assert answer.returncode == 0, answer.stderr


@PROXIES
def test_a_proxy_answers_beside_500_who_send_slowly_and_says_nothing_of_anybody(
    proxy: Proxy, web: WebServer, tmp_path: Path
) -> None:
    places = Places(_free_port(), (f"127.0.0.1:{web.port}",), tmp_path)
    with proxy.running(places):
        with unfinished(places.port, 500, NAME):
            answers = [ask(places.port, "/healthz", NAME) for _ in range(HEALTH_REQUESTS)]
            assert answers == [(200, b"ok\n")] * HEALTH_REQUESTS
        assert _encoding(places.port, "/static/undersigned.css") == "gzip"
        assert _encoding(places.port, "/sign-in") is None
        # What is too large is refused before the web server hears of it; files come to the desk only.
        assert _post(places.port, f"/i/{CANARY}", 4_000_000) in TOO_LARGE
        assert _post(places.port, f"/desk/{CANARY}", 4_000_000) not in TOO_LARGE
        assert ask(places.port, f"/i/{CANARY}", NAME)[0] == 404
    _check_silence(tmp_path)


@PROXIES
def test_a_proxy_without_its_web_server_says_so_and_names_nobody(proxy: Proxy, tmp_path: Path) -> None:
    places = Places(_free_port(), (f"127.0.0.1:{_free_port()}",), tmp_path)
    with proxy.running(places):
        assert ask(places.port, f"/i/{CANARY}", NAME)[0] in {502, 503}
    _check_silence(tmp_path)


def _encoding(port: int, path: str) -> str | None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path, headers={"Host": NAME, "Accept-Encoding": "gzip, br"})
        response = connection.getresponse()
        assert response.status == 200
        assert response.read()
        return response.headers["Content-Encoding"]


def _post(port: int, path: str, size: int) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("POST", path, b"x" * size, headers={"Host": NAME})
        return connection.getresponse().status


def _check_silence(folder: Path) -> None:
    said = "".join(path.read_text() for path in (folder / "said", folder / "hidden") if path.exists())
    assert CANARY not in said
    assert not re.search(r"127\.0\.0\.1|client", said), said
