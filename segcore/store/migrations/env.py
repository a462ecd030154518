"""What Alembic runs: the migrations, in the transaction that `Database.migrate` has opened."""

from alembic import context

from segcore.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # ours on SQLite too, because we send BEGIN ourselves
    render_as_batch=True,
)
context.run_migrations()
