"""What carries the bell from whoever rings to a worker: Huey on a file, on Redis or on PostgreSQL.

Nothing is kept in it but rings, as JSON. So a store that was deleted, truncated, corrupted or restarted is opened anew,
and one that can't be opened is done without.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
import redis
import structlog
from huey import Huey
from huey.registry import Message
from huey.storage import BaseStorage, PostgresStorage, RedisStorage, SqliteStorage
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.background.bells import QueueAddress

log = structlog.get_logger()
T = TypeVar("T")
TASK = "empty the outbox"
CONNECT_SECONDS = 2
ANSWER_SECONDS = 5  # longer than a blocking read, which takes BLOCKING_SECONDS
BLOCKING_SECONDS = 1.0
FILE_BUSY_SECONDS = 1.0
POLL_SECONDS = 0.2  # a file can't wake its readers
LONGEST_MESSAGE = 1000
UNREADABLE = (sqlite3.DatabaseError,)
PASSING = (sqlite3.OperationalError,)  # locked, or the disk: the file itself may be sound


class NotARing(Exception):
    """A message in the store is not one of ours."""


class JsonSerializer:
    """Names the task and nothing else. What is not JSON of that shape is refused, never executed."""

    def serialize(self, message: Message) -> bytes:
        """Return the message as JSON."""
        return json.dumps({"id": message.id, "task": message.name}).encode()

    def deserialize(self, stored: bytes) -> Message:
        """Read a message. Raises NotARing."""
        if len(stored) > LONGEST_MESSAGE:
            raise NotARing
        try:
            read = json.loads(bytes(stored))
        except (ValueError, RecursionError) as error:
            raise NotARing from error
        if (
            not isinstance(read, dict)
            or set(read) != {"id", "task"}
            or not all(isinstance(v, str) for v in read.values())
        ):
            raise NotARing
        return Message(id=read["id"], name=read["task"], args=(), kwargs={}, retries=0, retry_delay=0)


class Store(BaseStorage):
    """A storage of Huey's that is opened when it is first used, and again after a failure."""

    def __init__(self, name: str, opened: Callable[[], BaseStorage], still_there: Callable[[], bool]) -> None:
        super().__init__(name)
        self._open, self._still_there = opened, still_there
        self._inner: BaseStorage | None = None
        self.losses = 0  # how often an open store was gone: rings may have gone with it

    @property
    def blocking(self) -> bool:
        """Tell whether reading waits for a message."""
        return bool(getattr(self._inner, "blocking", False))

    def wait_at_most(self, seconds: float) -> None:
        """Say how long reading may wait, where it waits."""
        if self._inner is not None and self.blocking:
            self._inner.read_timeout = seconds

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        """Add a message."""
        self._with(lambda inner: inner.enqueue(data, priority))

    def dequeue(self) -> bytes | None:
        """Take the next message."""
        data: bytes | None = self._with(lambda inner: inner.dequeue())
        return data

    def queue_size(self) -> int:
        """Count the messages."""
        return int(self._with(lambda inner: inner.queue_size()))

    def enqueued_items(self, limit: int | None = None) -> list[bytes]:
        """List the messages."""
        return list(self._with(lambda inner: inner.enqueued_items(limit)))

    def close(self) -> bool:
        """Close the connection, if there is one."""
        inner, self._inner = self._inner, None
        if inner is None:
            return False
        try:
            inner.close()
            if isinstance(inner, RedisStorage):
                inner.pool.disconnect()
        except Exception as error:  # noqa: BLE001 - it is given up anyway
            log.debug("queue.not_closed", error=type(error).__name__)
        return True

    def _with(self, act: Callable[[BaseStorage], T]) -> T:
        if self._inner is not None:
            try:
                if self._still_there():
                    return act(self._inner)
            except Exception as error:  # noqa: BLE001 - it may only be this connection: a new one is tried below
                log.debug("queue.connection_lost", error=type(error).__name__)
            self.close()
            self.losses += 1
        try:
            self._inner = self._open()
            return act(self._inner)
        except BaseException:
            self.close()
            raise


class Queue:
    """The rings that wait, in whatever store the settings name."""

    def __init__(self, address: QueueAddress) -> None:
        self.store = _store(address)
        self.huey = Huey(
            address.name, results=False, serializer=JsonSerializer(), storage_class=lambda _name: self.store
        )
        self._task = self.huey.task(name=TASK, retries=0)(_ring)
        self._is_deaf, self._losses = False, 0

    @property
    def is_deaf(self) -> bool:
        """Tell whether the store could not be read lately, so that no ring arrives."""
        return self._is_deaf

    def ring(self) -> None:
        """Add a ring, unless one waits unread: whoever takes that will see what was committed before this."""
        if not self.huey.pending_count():
            self._task()

    def listen(self, seconds: float, stop: threading.Event) -> bool:
        """Wait for a ring; tell whether one came, or may have been lost with the store.

        A store that fails is logged once and makes the wait no longer.
        """
        deadline = time.monotonic() + seconds
        while not stop.is_set():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            pause = min(left, POLL_SECONDS)
            try:
                self.store.wait_at_most(min(left, BLOCKING_SECONDS))
                data = self.store.dequeue()
                self._notice(None)
            except Exception as error:  # noqa: BLE001 - the outbox is the truth, the bell only a wish
                self._notice(error)
                data, pause = None, min(left, BLOCKING_SECONDS)
            is_ring = data is not None and self._is_ring(data)
            if is_ring or self._losses != self.store.losses:
                self._losses = self.store.losses
                return True
            if data is None and (self._is_deaf or not self.store.blocking):
                stop.wait(pause)
        return False

    def close(self) -> None:
        """Close the store's connection; the next use opens another."""
        self.store.close()

    def _is_ring(self, data: bytes) -> bool:
        try:
            self.huey.deserialize_task(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not ours
            log.warning("queue.message_dropped", error=type(error).__name__)
            return False
        return True

    def _notice(self, error: Exception | None) -> None:
        if error is not None and not self._is_deaf:
            log.warning(
                "queue.unreachable",
                error=type(error).__name__,
                meaning="Mail is sent all the same, some seconds later: the outbox is looked into without being rung.",
            )
        elif error is None and self._is_deaf:
            log.warning("queue.reachable_again")
        self._is_deaf = error is not None


def _ring() -> None:
    """Stand for the task. Huey carries it; the sender that hears it does the work, since it knows when to stop."""


def _store(address: QueueAddress) -> Store:
    if address.url.startswith("redis"):
        return Store(address.name, lambda: _open_redis(address), lambda: True)
    if address.url:
        return Store(address.name, lambda: _open_postgres(address), lambda: True)
    file = _File(address)
    return Store(address.name, file.open, file.is_the_same)


def _open_redis(address: QueueAddress) -> BaseStorage:
    pool = redis.ConnectionPool.from_url(
        address.url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisStorage(address.name, connection_pool=pool)


def _open_postgres(address: QueueAddress) -> BaseStorage:
    # A ring that is lost with the machine's power is no loss, so it need not wait for the disk. The tables' notices
    # that they exist already are of no use to anybody.
    options = "-c synchronous_commit=off -c client_min_messages=warning -c statement_timeout=5000"

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(address.url, connect_timeout=CONNECT_SECONDS, options=options)

    return PostgresStorage(address.name, connection=connect, table_prefix="huey")


class _File:
    """The file of a SqliteStorage: made with its folder, and made anew when it is gone or unreadable."""

    def __init__(self, address: QueueAddress) -> None:
        self._name, self._path = address.name, address.file
        self._opened: tuple[int, int] | None = None

    def open(self) -> BaseStorage:
        """Open the file; one that is no database any more is put aside first."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        before = self._identity()
        try:
            storage = self._connect()
        except PASSING:
            raise
        except UNREADABLE as error:
            log.warning("queue.file_replaced", error=type(error).__name__, meaning="It held nothing but rings.")
            if self._identity() == before:  # another process may have put a good one there meanwhile
                self._path.replace(self._path.with_name(f"{self._path.name}.unreadable"))
            storage = self._connect()
        self._opened = self._identity()
        return storage

    def is_the_same(self) -> bool:
        """Tell whether the path still leads to the file that was opened: a deleted one would take rings for ever."""
        return self._identity() == self._opened

    def _connect(self) -> BaseStorage:
        # A plain journal instead of WAL: no second file can be left behind when this one is deleted.
        storage = SqliteStorage(
            self._name,
            filename=str(self._path),
            cache_mb=0,
            fsync=False,
            journal_mode="truncate",
            timeout=FILE_BUSY_SECONDS,
        )
        if storage.sql("pragma quick_check(1)", results=True) != [("ok",)]:
            storage.close()
            raise sqlite3.DatabaseError("quick_check")
        return storage

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
