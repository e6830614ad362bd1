"""Alembic's environment: the connection comes from `app.base.migrating`."""

from alembic import context

from app import load_models
from app.base.database import Base
from app.base.marks import place, take_off
from app.site.marks import MARKED

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
        # SQLite's migrations rebuild tables, which loses their triggers and fails over those that name a table: all are
        # taken off, and put on again as the code at the head has them.
        take_off(connection)
        context.run_migrations()
        if context.get_context().get_current_revision() == context.get_head_revision():
            place(connection, MARKED)


run()
