"""Remember how far the outbox was confirmed, so that an emptied one can be told from a published one."""

from alembic import op
from sqlalchemy import BigInteger, Column

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Add the last confirmed event to every account, read off what its outbox still holds."""
    op.add_column("accounts", Column("published", BigInteger, nullable=False, server_default="0"))
    op.execute(
        "UPDATE accounts SET published = COALESCE("
        "(SELECT min(outbox.seq) - 1 FROM outbox WHERE outbox.account = accounts.account), seq)"
    )
