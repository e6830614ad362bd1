"""Read from a mail server's answer, or a report of one, why a mail did not arrive: the only place that judges it.

What the queue shows is the trouble itself; what the address book counts is its `Trouble.fault`. A status (RFC 3463)
that says something decides first. Where it says no more than its class, or speaks of the protocol (5.5.x), which many
servers send for whatever displeases them, the words decide; where there are none, nothing is held against anybody.
"""

from __future__ import annotations

import re

from app.smtp.states import Trouble

# RFC 3463: class, subject, detail. An IP address or a version of four parts is none.
_STATUS = re.compile(r"(?<![\d.])([245])\.([0-7])\.(\d{1,3})(?!\.?\d)")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])[0-5]\d(?![\d.])")
_SIGN_IN_FIRST = frozenset({530, 534, 535, 538})
_UNSAID = frozenset({"", "0", "5"})  # subjects that leave it to the words

# The statuses that decide by themselves, for good or for the moment; the first that fits.
_BY_STATUS = (
    (re.compile(r"1\.[78]"), Trouble.SENDER),
    (re.compile(r"1\.([0-46]|10)|2\.1|4\.310"), Trouble.NO_SUCH_ADDRESS),  # 4.310: Exchange knows no such domain
    (re.compile(r"4\.4"), Trouble.NO_SUCH_ADDRESS),  # the domain has no host that takes mail
    (re.compile(r"2\.2"), Trouble.MAILBOX_FULL),
    (re.compile(r"2\.3|3\.4"), Trouble.TOO_LARGE),
    (re.compile(r"3\.[12]"), Trouble.BUSY),
    (re.compile(r"4\.\d+"), Trouble.UNREACHABLE),
    (re.compile(r"6\.7"), Trouble.NO_SMTPUTF8),
    (re.compile(r"7\.\d+"), Trouble.BLOCKED),
)


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_SENDER = _words(
    r"sender (e-?mail )?(address )?(is )?(rejected|denied|not allowed|invalid)", r"sender verif(y|ication) failed",
    r"verification failed for <", r"not owned by user", r"send ?as ?denied", r"permissions? to send as",
    r"not (authori[sz]ed|allowed|permitted) to (send|use)", r"from address (is )?(not|rejected|denied)",
)  # fmt: skip
_SIGN_IN = _words(r"authenticat(e|ion) (is )?(first|required)", r"must (first )?(authenticate|issue a starttls)")
_RELAYING = _words(
    r"relay(ing)? (access )?(is )?(denied|prohibited|not (permitted|allowed))",
    r"(unable|not (permitted|allowed)) to relay",
)
_OUR_HOST = _words(r"(helo|ehlo)( command)? rejected", r"client host rejected", r"your (reverse )?host ?name")
_SMTPUTF8 = _words(r"smtputf8")
_GREYLISTED = _words(r"gr[ea]y-?list")
_FULL = _words(
    r"(mailbox|mail ?folder|inbox|mailfile) (is )?(full|over)", r"over ?-?(its )?(disk )?quota",
    r"quota (is )?exceeded", r"exceed\w*.{0,40}quota", r"(mailbox|quota).{0,20}exceed",
    r"insufficient (disk )?(storage|space)", r"not enough (storage|space)", r"out of (storage|disk) space",
    r"exceeded storage allocation",
)  # fmt: skip
_BUSY = _words(
    r"receiving mail (too quickly|at a rate)", r"insufficient system (storage|resources)", r"mail system full",
    r"too many (recipients|messages|connections)",
)  # fmt: skip
_LARGE = _words(r"(message|mail|size|content).{0,20} too (large|big|long)|too (large|big)", r"size limit",
                r"exceed\w*.{0,30}size", r"size exceed")  # fmt: skip
_THING = r"(user|person|mailbox|recipient|account|address|alias|customer|local[ -]part)"
_NO_SUCH = _words(
    rf"no such (local )?{_THING}", rf"(unknown|invalid|non-?existent|inactive|disabled) (local |virtual )?{_THING}",
    rf"{_THING}( name)? (is |was |has been )?(unknown|not found|not known|invalid)",
    rf"{_THING} (is |was |has been )?(disabled|suspended|deactivated|closed)",
    r"(no such|unknown) (domain|host)", r"(domain|host)( name)? (is |was )?(unknown|not found)",
    rf"{_THING} (is )?no longer", r"(does|do)(es)?( not|n.t) exist", r"not exist\b", r"have (a|an) \S+ account",
    r"unrout(e)?able (mail )?(address|domain)", r"user not local", r"mailbox name (is )?not allowed", r"null ?mx",
    r"not (a )?(known|valid) (user|recipient|mailbox|address)", r"no mailbox (here )?by that name",
    r"is not our customer", r"can.t find (the )?(user|mailbox|recipient)", r"unbekannte[rn]? (empf|nutzer|benutzer)",
    r"(destinataire|utilisateur|usuario|destinatario|utente) (inconnu|desconocido|sconosciuto)",
)  # fmt: skip
# These do not say that nobody is there; RFC 5321 lets them stand for a refusal by policy too.
_PERHAPS_NO_SUCH = _words(r"mailbox (is )?(unavailable|not available)", r"\bnot found\b")
_BLOCKED = _words(
    r"\bspam", r"block(ed|ing)?\b", r"(block|black|deny) ?-?list", r"\b[dr]n?sbl\b", r"reputation", r"polic(y|ies)",
    r"\b(dmarc|spf|dkim)\b", r"unsolicited", r"virus", r"banned",
)  # fmt: skip
_UNREACHABLE = _words(
    r"retry time(out)?( exceeded| not reached)", r"queue too long", r"too long in the queue", r"(message|time) expired",
    r"(connection|conversation).{0,40}(timed out|refused)", r"no route to host", r"network (is )?unreachable",
)  # fmt: skip
_BY_WORDS = (
    (_SENDER, Trouble.SENDER),
    (_OUR_HOST, Trouble.BLOCKED),
    (_SMTPUTF8, Trouble.NO_SMTPUTF8),
    (_BUSY, Trouble.BUSY),
    (_FULL, Trouble.MAILBOX_FULL),
    (_LARGE, Trouble.TOO_LARGE),
    (_NO_SUCH, Trouble.NO_SUCH_ADDRESS),
    (_BLOCKED, Trouble.BLOCKED),
    (_UNREACHABLE, Trouble.UNREACHABLE),
    (_PERHAPS_NO_SUCH, Trouble.NO_SUCH_ADDRESS),
)
# RFC 5321, RFC 1846: what is left to say where neither status nor words do.
_BY_CODE = {552: Trouble.TOO_LARGE, 554: Trouble.BLOCKED, 556: Trouble.NO_SUCH_ADDRESS}


def trouble_of(code: int | None, answer: str) -> Trouble:
    """Return what a server's answer means; no code is no answer."""
    return Trouble.NO_ANSWER if code is None else _judged(status_of(answer), answer, code)


def trouble_reported(status: str, words: str) -> Trouble:
    """Return why a mail failed, by what a report or a log says of it: its status, which may be empty, and the words."""
    code = _REPLY_CODE.search(words)
    if not status and code is not None:
        return _judged(status, words, int(code[0]))
    # A status of the class 4 in a report that something failed says that the server gave up what might have passed.
    same_class = code is not None and code[1] == status[:1]
    return _judged(status, words, int(code[0]) if code and same_class else 450 if status[:1] in {"2", "4"} else 550)


def status_of(answer: str) -> str:
    """Return the enhanced status code in some words, such as 5.1.1, or nothing."""
    found = _STATUS.search(answer)
    return found[0] if found else ""


def class_of(words: str) -> str:
    """Return the status that a reply code in some words comes to, such as 5.0.0 for 550, or nothing."""
    code = _REPLY_CODE.search(words)
    return f"{code[1]}.0.0" if code else ""


def status_in(field: str, words: str) -> str:
    """Return the status of a field or, failing that, of the words beside it; empty where neither tells.

    The words' own counts where the field says no more than its class.
    """
    stated, told = status_of(field), status_of(words)
    if stated and not (stated[2] == "0" and told[:1] == stated[0]):
        return stated
    return told or class_of(words)


def is_about_us(code: int, answer: str) -> bool:
    """Tell whether a refusal is about our standing with the server: who we are, and as whom we may send."""
    return code in _SIGN_IN_FIRST or any(each.search(answer) for each in (_RELAYING, _SENDER, _SIGN_IN))


def is_about_relaying(answer: str) -> bool:
    """Tell whether a server says that it takes mail for its own addresses only."""
    return _RELAYING.search(answer) is not None


def is_about_mail(code: int, answer: str) -> bool:
    """Tell whether an answer given when the sender was named is about the message all the same."""
    status = status_of(answer)[2:]
    return code == 552 or re.match(r"1\.([0-6]|10)$|2\.|3\.4$|6\.", status) is not None


def is_of_time(words: str) -> bool:
    """Tell whether some words say that a server tried for too long, and not that it was refused."""
    return _UNREACHABLE.search(words) is not None


def _judged(status: str, words: str, code: int) -> Trouble:
    if code in _SIGN_IN_FIRST:
        return Trouble.SIGN_IN
    return _passing(status[2:], words, code) if code < 500 else _lasting(status[2:], words, code)


def _passing(detail: str, words: str, code: int) -> Trouble:
    if _GREYLISTED.search(words):
        return Trouble.GREYLISTED
    if detail == "2.2" or (_FULL.search(words) and not _BUSY.search(words)) or (code == 452 and not detail):
        return Trouble.MAILBOX_FULL
    return Trouble.UNREACHABLE if detail[:1] == "4" or _UNREACHABLE.search(words) else Trouble.BUSY


def _lasting(detail: str, words: str, code: int) -> Trouble:
    """Judge a refusal for good, or a report that something came back."""
    said = next((trouble for pattern, trouble in _BY_WORDS if pattern.search(words)), None)
    subject = detail.partition(".")[0]
    if said is Trouble.SENDER:
        # Whatever the status: some servers call our address unknown with the status of an unknown recipient.
        return said
    if said in {Trouble.MAILBOX_FULL, Trouble.BUSY} and subject not in {"4", "6", "7"}:
        return said
    if detail == "4.1":  # "no answer"; Exchange Online says it of addresses that it does not know
        is_refused = re.search("recipient address rejected", words, re.IGNORECASE)
        return Trouble.NO_SUCH_ADDRESS if is_refused else Trouble.UNREACHABLE
    for pattern, trouble in _BY_STATUS:
        if subject not in _UNSAID and pattern.fullmatch(detail):
            return trouble
    if subject == "6":
        return said if said is Trouble.NO_SMTPUTF8 else Trouble.REFUSED
    return said or _BY_CODE.get(code, Trouble.REFUSED)
