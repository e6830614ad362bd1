"""The yardstick: a Flask app that says hello, and one that inserts one row and commits it, with no product around."""

import os
import sqlite3
from typing import Any

import psycopg
from flask import Flask, request

DATABASE = os.environ["BENCH_DATABASE"]
BODY = "Hello, world!"


def _connect() -> Any:
    if DATABASE.startswith("postgresql:"):
        return psycopg.connect(DATABASE, autocommit=True)
    connection = sqlite3.connect(DATABASE, timeout=10, isolation_level=None, check_same_thread=False)
    # As the product sets it: a commit that was answered survives a power cut.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


app = Flask(__name__)
_connections: dict[int, Any] = {}
_INSERT = "INSERT INTO rows (words) VALUES ({})".format("%s" if DATABASE.startswith("postgresql:") else "?")


def _connection() -> Any:
    """Give this worker process its one connection, opened after the fork."""
    process = os.getpid()
    if process not in _connections:
        _connections[process] = _connect()
    return _connections[process]


@app.get("/")
def hello() -> str:
    return BODY


@app.post("/rows")
def insert() -> tuple[str, int, dict[str, str]]:
    _connection().execute(_INSERT, (request.form["words"],))
    return "", 303, {"Location": "/"}
