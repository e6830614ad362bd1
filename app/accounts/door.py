"""Who may try a password: each allowance is spent by its own kind of caller, and none shuts an owner out.

A browser that signed in before has its own allowance for its account. Strangers have allowances by network and address,
by network, by address, and altogether. Where one of these is used up, a password alone is not looked at; a caller who
shows two codes in a row or a recovery code besides is. Such a proof can't be guessed and costs next to nothing to
check, so it is checked always, and for everybody: no tries of others make a right one wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from sqlalchemy.orm import Session

from app.accounts.browsers import KnownBrowser
from app.accounts.models import Organiser
from app.accounts.states import (
    LINKS_FROM_BROWSER,
    LINKS_PER_ADDRESS,
    SIGN_IN_FROM_BROWSER,
    SIGN_IN_FROM_NETWORK,
    SIGN_IN_GLOBAL,
    SIGN_IN_PER_ADDRESS,
    SIGN_IN_PER_NETWORK,
    SIGN_IN_WITH_PROOF,
    Limit,
)
from app.base import clock
from app.base.addresses import canonical
from app.base.throttles import allow, give_back, reset

_NETWORK_BITS = {4: 24, 6: 48}  # what one household or office is commonly given, and what one attacker easily has
_TOGETHER = "everybody"


@dataclass(frozen=True)
class Caller:
    """Where a try comes from: its network of today, and what its browser shows."""

    network: str
    browser: KnownBrowser


def network_of(address: str | None) -> str:
    """Return the network that an address is in, bound to the day; it is only ever used as a keyed digest."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return _TOGETHER
    mapped = getattr(found, "ipv4_mapped", None) or found
    network = ip_network((mapped, _NETWORK_BITS[mapped.version]), strict=False)
    return f"{clock.now().date().isoformat()} {network}"


def is_password_looked_at(session: Session, email: str, organiser: Organiser | None, caller: Caller) -> bool:
    """Count a try to sign in; tell whether it is within the allowance of the one who makes it."""
    if organiser is not None and caller.browser.knows(session, organiser):
        return _allow(session, SIGN_IN_FROM_BROWSER, _own(caller, organiser))
    return all(_allow(session, limit, subject) for limit, subject in _of_strangers(email, caller))


def is_proof_looked_at(session: Session, organiser: Organiser) -> bool:
    """Count a try by somebody who has shown what can't be guessed: nobody else can spend this allowance."""
    return _allow(session, SIGN_IN_WITH_PROOF, organiser.public_id)


def welcome(session: Session, email: str, organiser: Organiser, caller: Caller) -> None:
    """Take back what a right password spent, and forget the wrong ones that came the same way."""
    if caller.browser.knows(session, organiser):
        reset(session, SIGN_IN_FROM_BROWSER.scope, _own(caller, organiser))
        return
    for limit, subject in _of_strangers(email, caller):
        give_back(session, limit.scope, subject)
    reset(session, SIGN_IN_FROM_NETWORK.scope, _of_strangers(email, caller)[0][1])


def is_link_mailed(session: Session, email: str, organiser: Organiser | None, caller: Caller) -> bool:
    """Count a wish for a password link; tell whether another mail goes out, or one lies in the mailbox already."""
    if organiser is not None and caller.browser.knows(session, organiser):
        return _allow(session, LINKS_FROM_BROWSER, _own(caller, organiser))
    return _allow(session, LINKS_PER_ADDRESS, canonical(email))


def _own(caller: Caller, organiser: Organiser) -> str:
    return f"{caller.browser.browser_id} {organiser.public_id}"


def _of_strangers(email: str, caller: Caller) -> list[tuple[Limit, str]]:
    """Return what a stranger's try spends, the narrowest first: a single attacker uses up no wide one."""
    return [
        (SIGN_IN_FROM_NETWORK, f"{caller.network} {canonical(email)}"),
        (SIGN_IN_PER_NETWORK, caller.network),
        (SIGN_IN_PER_ADDRESS, canonical(email)),
        (SIGN_IN_GLOBAL, _TOGETHER),
    ]


def _allow(session: Session, limit: Limit, subject: str) -> bool:
    return allow(session, limit.scope, subject, limit.times, limit.seconds)
