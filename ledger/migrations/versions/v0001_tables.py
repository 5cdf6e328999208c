"""Create the ledger's tables and make the journal and its postings append-only."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

revision = "0001"
down_revision: str | None = None

LOCKED = ("journal", "postings")


def upgrade() -> None:
    """Create all tables and triggers of version 0001."""
    _heads_and_journal()
    _folded()
    for table in LOCKED:
        for change in ("UPDATE", "DELETE"):
            _forbid(table, change)


def _heads_and_journal() -> None:
    op.create_table(
        "accounts",
        Column("account", String, primary_key=True),
        Column("seq", BigInteger, nullable=False),
        Column("hash", String(64), nullable=False),
    )
    op.create_table(
        "journal",
        Column("account", String, primary_key=True),
        Column("seq", BigInteger, primary_key=True),
        Column("body", Text, nullable=False),
        Column("hash", String(64), nullable=False),
        Column("schema_version", Integer, nullable=False),
        Column("hash_version", Integer, nullable=False),
    )
    op.create_table(
        "postings",
        Column("account", String, primary_key=True),
        Column("seq", BigInteger, primary_key=True),
        Column("leg", Integer, primary_key=True),
        Column("name", String, nullable=False),
        Column("commodity", String, nullable=False),
        Column("amount", BigInteger, nullable=False),
    )
    op.create_table(
        "requests",
        Column("account", String, primary_key=True),
        Column("request", String, primary_key=True),
        Column("body_hash", String(64), nullable=False),
        Column("answer", Text, nullable=False),
    )
    op.create_table(
        "outbox",
        Column("account", String, primary_key=True),
        Column("seq", BigInteger, primary_key=True),
    )


def _folded() -> None:
    op.create_table(
        "orders",
        Column("account", String, primary_key=True),
        Column("order_id", String, primary_key=True),
        Column("symbol", String, nullable=False),
        Column("sign", Integer, nullable=False),
        Column("status", String, nullable=False),
        Column("quantity", BigInteger, nullable=False),
        Column("filled", BigInteger, nullable=False),
        Column("value", BigInteger, nullable=False),
        Column("commission", BigInteger, nullable=False),
        Column("reserved", BigInteger, nullable=False),
        Column("reason", String),
    )
    op.create_table(
        "fills",
        Column("account", String, primary_key=True),
        Column("fill_id", String, primary_key=True),
        Column("seq", BigInteger, nullable=False),
        Column("order_id", String, nullable=False),
        Column("session", String, nullable=False),
        Column("quantity", BigInteger, nullable=False),
        Column("price", BigInteger, nullable=False),
        Column("value", BigInteger, nullable=False),
        Column("commission", BigInteger, nullable=False),
    )
    op.create_table(
        "balances",
        Column("account", String, primary_key=True),
        Column("name", String, primary_key=True),
        Column("commodity", String, primary_key=True),
        Column("amount", BigInteger, nullable=False),
    )


def _forbid(table: str, change: str) -> None:
    """Create a trigger that rejects the statement `change` on `table`."""
    name, message = f"{table}_no_{change.lower()}", f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{message}'; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
