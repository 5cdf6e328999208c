"""Pictures that roles are shown, and the record of them in a decision."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG image for a model.

    Attributes:
        name: what kind of picture it is, such as `price`.
        symbol: the symbol that it is about; empty for none.
        caption: what it shows, in words; sent beside the picture.
        png: the bytes of the file.
        width: in pixels.
        height: in pixels.
    """

    name: str
    symbol: str
    caption: str
    png: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the file in hexadecimal, under which the picture is stored."""
        return hashlib.sha256(self.png).hexdigest()


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture that the model of a role was sent; the file is stored under `sha256`.

    `name`, `symbol` and `caption` are those of the picture.
    """

    role: str
    name: str
    symbol: str
    caption: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Return a name for the file."""
        return f"{self.role}-{self.name}-{self.sha256[:12]}.png"
