"""Several answers to one request."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from pydantic import BaseModel

from ...domain.abstention import Abstention
from ..port import Model, ModelRequest

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Samples(Generic[T]):
    """The answers and abstentions of several calls, each in the order of the calls."""

    answers: Sequence[T]
    abstentions: Sequence[Abstention]

    @property
    def abstention(self) -> Abstention | None:
        """Return the first abstention if no more than half of the calls were answered, else None."""
        return self.abstentions[0] if len(self.abstentions) >= len(self.answers) else None


async def draw(model: Model, request: ModelRequest[T], count: int) -> Samples[T]:
    """Ask `model` concurrently `count` times.

    Sample number 0 is the request itself. Each other one has its own sample number and seed, so that it is a call of
    its own with another answer.
    """
    drawn = await asyncio.gather(*(model.generate(_numbered(request, count, place)) for place in range(count)))
    return Samples(
        [each for each in drawn if not isinstance(each, Abstention)],
        [each for each in drawn if isinstance(each, Abstention)],
    )


def _numbered(request: ModelRequest[T], count: int, place: int) -> ModelRequest[T]:
    number = request.sample * count + place
    seed = None if request.seed is None else request.seed + number - request.sample
    return replace(request, sample=number, seed=seed)
