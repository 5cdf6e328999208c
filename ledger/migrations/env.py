"""Run migrations on the connection that the store hands over; there is no other way to start them."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
