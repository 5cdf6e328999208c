"""Compiled report templates, kept for the life of the process."""

from functools import cache
from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """Keeps the code of each template by its name and the checksum of its source, in memory."""

    def __init__(self) -> None:
        """Create an empty cache."""
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket the code of its template; None if it was not compiled yet."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of the bucket."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


@cache
def compiled_templates(kind: str) -> CompiledTemplates:
    """Return the compiled templates of one kind of environment, whose options the code depends on."""
    return CompiledTemplates()
