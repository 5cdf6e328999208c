"""Pictures that roles are shown, and the record of them in a decision."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG image for a model.

    Attributes:
        name: what kind of picture it is, such as `price`.
        caption: what it shows, in words; sent beside the picture.
        png: the bytes of the file.
        width: in pixels.
        height: in pixels.
    """

    name: str
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
    """A picture that the model of a role was sent; the file is stored under `sha256`."""

    role: str
    name: str
    caption: str
    sha256: str
