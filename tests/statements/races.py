"""Several people at once, each in a transaction of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from app.base.database import Database
from app.base.parts import parts_of


@dataclass
class Race:
    """Runs several pieces of work at once, each in a transaction of its own; keeps what each raised or returned."""

    app: Flask

    def run(self, *works: Callable[[Session], Any]) -> list[Any]:
        results: list[Any] = [None] * len(works)
        start = threading.Barrier(len(works))

        def work(number: int) -> None:
            database: Database = parts_of(self.app).database
            start.wait(timeout=10)
            try:
                with self.app.app_context(), database.writing() as session:
                    results[number] = works[number](session)
            except Exception as error:  # noqa: BLE001 - the test looks at what was raised
                results[number] = error

        threads = [threading.Thread(target=work, args=(number,)) for number in range(len(works))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        return results
