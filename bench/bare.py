"""The yardsticks: a Flask app that says hello, a page of 15 KB by Jinja, one row inserted and committed; no product."""

import os
import sqlite3
from typing import Any

import psycopg
from flask import Flask, render_template, request
from jinja2 import DictLoader

DATABASE = os.environ["BENCH_DATABASE"]
BODY = "Hello, world!"
# What a page of the kind takes at the least: a text as it is, and a hundred people in a loop, each part escaped.
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><h1>{{ title }}</h1>
{% for paragraph in paragraphs %}<p>{{ paragraph }}</p>
{% endfor %}<h2>{{ people|length }} signatures</h2>
<ul class="people">{% for each in people %}
  <li{% if each.is_pinned %} class="pinned"{% endif %}><bdi class="name">{{ each.name }}</bdi>
    {% if each.line %}<span class="line">{{ each.line }}, {{ each.country }}</span>{% endif %}</li>{% endfor %}
</ul></body></html>"""
PARAGRAPHS = ["We, the undersigned, ask that it be examined. " * 14] * 4
PEOPLE = [
    {"name": f"Amina Ковальчук {number}", "line": "Journalist, Open Files", "country": "Ukraine", "is_pinned": False}
    for number in range(100)
]


def _connect() -> Any:
    if DATABASE.startswith("postgresql:"):
        return psycopg.connect(DATABASE, autocommit=True)
    connection = sqlite3.connect(DATABASE, timeout=10, isolation_level=None, check_same_thread=False)
    # As the product sets it: a commit that was answered survives a power cut.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


app = Flask(__name__)
app.jinja_loader = DictLoader({"page.html": PAGE})  # compiled once, as files are
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


@app.get("/page")
def page() -> str:
    return render_template("page.html", title="Examine every request", paragraphs=PARAGRAPHS, people=PEOPLE)


@app.post("/rows")
def insert() -> tuple[str, int, dict[str, str]]:
    _connection().execute(_INSERT, (request.form["words"],))
    return "", 303, {"Location": "/"}
