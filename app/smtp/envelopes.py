"""Write the envelope of a mail as SMTP commands: addresses made safe, and only the extensions that the server has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.base.addresses import in_ascii
from app.base.characters import CONTROLS, SEPARATORS, SURROGATES

# What would end a command, or smuggle a parameter into it; spaces are legal in quoted local parts that nobody has.
_FORBIDDEN = re.compile(f"[{CONTROLS}{SEPARATORS}{SURROGATES} \xa0<>]")
_LONGEST_ADDRESS = 320  # octets: 64 and 255 around the @ (RFC 5321 §4.5.3.1)
_XTEXT_PLAIN = frozenset(range(33, 127)) - {ord("+"), ord("=")}
NO_SMTPUTF8 = "This mail server can't handle international addresses (it lacks SMTPUTF8)."


class Unsendable(Exception):
    """This mail can't be offered to this server: `code` is what a server would have answered."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True)
class ReceiptRequest:
    """What the sender asks to hear (RFC 3461): the id that a report repeats, and whether arrival is reported too."""

    envelope_id: str = ""
    is_wanted: bool = False


@dataclass(frozen=True)
class Envelope:
    """MAIL and RCPT commands, ready for the wire; the first recipient is the one that matters."""

    recipients: tuple[str, ...]
    mail: bytes
    rcpts: tuple[bytes, ...]


def needs_smtputf8(address: str) -> bool:
    """Tell whether only servers with SMTPUTF8 (RFC 6531) can handle an address."""
    return not in_ascii(address).isascii()


def write_envelope(
    features: Mapping[str, str], sender: str, recipients: Sequence[str], message: bytes, receipt: ReceiptRequest
) -> Envelope:
    """Return the commands for a message; `features` is what the server offers, in small letters. Raises Unsendable."""
    wire = [_checked(address) for address in recipients]
    mail = [f"MAIL FROM:<{_checked(sender) if sender else ''}>"]
    if "size" in features:
        mail.append(f"SIZE={len(message)}")
    is_international = not (all(each.isascii() for each in wire) and mail[0].isascii()) or _has_raw_headers(message)
    if is_international and "smtputf8" not in features:
        raise Unsendable(550, NO_SMTPUTF8)
    if not message.isascii() and "8bitmime" in features:
        mail.append("BODY=8BITMIME")
    if is_international:
        mail.append("SMTPUTF8")
    has_receipts = "dsn" in features
    if has_receipts and (receipt.envelope_id or receipt.is_wanted):
        mail.append("RET=HDRS")
    if has_receipts and receipt.envelope_id:
        mail.append(f"ENVID={xtext(receipt.envelope_id)}")
    options = [_receipt_options(wire, number, receipt) if has_receipts else "" for number in range(len(wire))]
    return Envelope(
        tuple(recipients),
        " ".join(mail).encode() + b"\r\n",
        tuple(f"RCPT TO:<{to}>{each}\r\n".encode() for to, each in zip(wire, options, strict=True)),
    )


def can_be_named(features: Mapping[str, str], address: str) -> bool:
    """Tell whether an address can be offered to a server at all."""
    try:
        return _checked(address).isascii() or "smtputf8" in features
    except Unsendable:
        return False


def xtext(value: str) -> str:
    """Return a value as RFC 3461 §4 wants it in a parameter."""
    return "".join(chr(octet) if octet in _XTEXT_PLAIN else f"+{octet:02X}" for octet in value.encode())


def _receipt_options(wire: list[str], number: int, receipt: ReceiptRequest) -> str:
    if number:
        # A further recipient is our own archive: a report about it would be taken for one about the mail.
        return " NOTIFY=NEVER"
    if not receipt.is_wanted:
        return ""
    original = f" ORCPT=rfc822;{xtext(wire[0])}" if wire[0].isascii() else ""
    return f" NOTIFY=SUCCESS,FAILURE,DELAY{original}"


def _checked(address: str) -> str:
    wire = in_ascii(address)
    if _FORBIDDEN.search(wire) or "@" not in wire or len(wire.encode()) > _LONGEST_ADDRESS:
        raise Unsendable(553, "The address holds something that no mail server takes, such as a space or line break.")
    if not wire.rpartition("@")[2].isascii():
        raise Unsendable(553, "The address's domain is not a possible name.")
    return wire


def _has_raw_headers(message: bytes) -> bool:
    """Tell whether the header holds letters beyond ASCII as they are, which takes SMTPUTF8 too."""
    if message.isascii():
        return False
    return not message.partition(b"\r\n\r\n")[0].isascii()
