"""Store the last confirmed event of the outbox, to distinguish a deleted outbox from a published one."""

from alembic import op
from sqlalchemy import BigInteger, Column

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add the last confirmed event to every account, derived from the rest of its outbox."""
    op.add_column("accounts", Column("published", BigInteger, nullable=False, server_default="0"))
    op.execute(
        "UPDATE accounts SET published = COALESCE("
        "(SELECT min(outbox.seq) - 1 FROM outbox WHERE outbox.account = accounts.account), seq)"
    )
