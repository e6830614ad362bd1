"""Keep the tests on this machine: a connection to anything but loopback is refused at once."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

_LOCAL_NAMES = {"", "localhost", None}


class OutsideConnection(RuntimeError):
    """A test tried to reach another machine."""


def is_local(host: object) -> bool:
    """Tell whether `host`, a name or an address, stays on this machine."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(name).split("%", 1)[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_outside(host: object) -> None:
    if not is_local(host):
        raise OutsideConnection(f"tests stay on this machine, but one wanted to reach {host!r}")


class _LocalSocket(socket.socket):
    """A socket that connects and sends to loopback and to Unix sockets only."""

    def connect(self, address: Any) -> None:
        if isinstance(address, tuple):
            _refuse_outside(address[0])
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        if isinstance(address, tuple):
            _refuse_outside(address[0])
        return super().connect_ex(address)

    def sendto(self, *arguments: Any) -> int:
        if isinstance(arguments[-1], tuple):
            _refuse_outside(arguments[-1][0])
        return super().sendto(*arguments)


@pytest.fixture(autouse=True, scope="session")
def _stay_on_this_machine() -> Iterator[None]:
    resolve = socket.getaddrinfo

    def resolve_local(host: Any, *arguments: Any, **named: Any) -> Any:
        _refuse_outside(host)
        return resolve(host, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", _LocalSocket)
        patch.setattr(socket, "getaddrinfo", resolve_local)
        yield
