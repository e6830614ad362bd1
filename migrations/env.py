"""Alembic's environment: the connection comes from `app.base.migrating`."""

from alembic import context

from app import load_models
from app.base.database import Base

load_models()


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
