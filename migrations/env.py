"""Alembic's environment: the connection comes from `app.base.migrating`."""

import importlib
import importlib.util

from alembic import context

from app.base.database import Base

for stage in (*STAGES, "audit"):
    if importlib.util.find_spec(f"app.{stage}.models"):
        importlib.import_module(f"app.{stage}.models")


def run() -> None:
    """Run migrations on the connection at hand; batch mode rebuilds tables where SQLite can't alter them."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
