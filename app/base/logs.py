"""Logs that tell of the system, not of people (law 9): event words and opaque ids, no addresses, names or tokens."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog

# What must not slip through in a message that a library wrote: addresses and our own link tokens.
_ADDRESS = re.compile(r"[^\s<>\"'@]+@[^\s<>\"'@]+")
_TOKEN = re.compile(r"[a-z0-9]{20}-[0-9]{1,6}-[a-z0-9_-]{20,}", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return a text without e-mail addresses and link tokens."""
    return _TOKEN.sub("[link]", _ADDRESS.sub("[address]", text))


def _redact(_logger: Any, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    return {key: redacted(value) if isinstance(value, str) else value for key, value in event.items()}


class RedactingFormatter(logging.Formatter):
    """The standard library's lines, redacted; tracebacks lose their messages' addresses too."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without addresses and tokens."""
        return redacted(super().format(record))


def init_logs(level: str) -> None:
    """Log to standard error, a line an event, in UTC; what libraries log is redacted as well."""
    # A log call that fails would otherwise print its arguments, unredacted.
    logging.raiseExceptions = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # What these say at INFO is of no use to an operator: which database is seen, who connects to the
    # mailbox.
    for chatty in ("alembic", "mail.log"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def place_of(error: BaseException) -> str:
    """Return where an exception was raised, as file and line: what a log may say of it beside its type."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
