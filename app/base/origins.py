"""Where forms of this house come from, as browsers say it in Origin."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

HTTP_PORT = 80


def own_origins(settings: Any) -> set[str]:
    """Return where forms of this house come from: its address, that in Tor, and a demonstration's loopback names."""
    own = {origin_of(url) for url in (settings.public_url, settings.onion_url) if url}
    if settings.demonstration:
        port = urlsplit(settings.public_url).port or HTTP_PORT
        own |= {f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")}
    return own


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address, as browsers send them in Origin."""
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc}".lower()
