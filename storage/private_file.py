"""Files and folders that only their owner can read, whatever the umask."""

import os
from pathlib import Path
from typing import BinaryIO


def make_private_folder(folder: Path, root: Path) -> None:
    """Create `folder`, and its missing parents below the existing folder `root`, with mode 0700; raises OSError."""
    for path in reversed([folder, *folder.parents]):
        if path.is_relative_to(root) and path != root:
            path.mkdir(mode=0o700, exist_ok=True)


def create_private(path: Path) -> BinaryIO:
    """Create a file with mode 0600 and return it open for writing; raises OSError if anything has that name."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
