"""The Alembic environment; it runs migrations only on the connection that the store provides."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
