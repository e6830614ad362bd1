"""A name server on loopback that publishes what a test gives it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from dnslib import QTYPE, RCODE, RR, TXT, DNSRecord
from dnslib.server import DNSHandler, DNSLogger, DNSServer


class NameServer:
    """The server: `texts` are its TXT records by name."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._server = DNSServer(self, port=self.port, address="127.0.0.1", logger=DNSLogger("-request,-reply"))
        self._server.start_thread()

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        """Answer one question; a text goes out in strings of 255 octets, as DNS has them."""
        reply = request.reply()
        text = self.texts.get(str(request.q.qname).rstrip(".").lower())
        if text is None:
            reply.header.rcode = RCODE.NXDOMAIN
        elif request.q.qtype == QTYPE.TXT:
            parts = [text[start : start + 255].encode() for start in range(0, len(text), 255)]
            reply.add_answer(RR(request.q.qname, QTYPE.TXT, rdata=TXT(parts), ttl=60))
        return reply

    def stop(self) -> None:
        self._server.stop()
        self._server.server.server_close()


@pytest.fixture(scope="session")
def _running_name_server() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.stop()


@pytest.fixture
def name_server(_running_name_server: NameServer) -> NameServer:
    """Give a name server that knows nothing yet."""
    _running_name_server.texts.clear()
    return _running_name_server
