"""A model whose answers have a number: the same request under another number is a call of its own."""

from dataclasses import dataclass, replace
from typing import TypeVar

from pydantic import BaseModel

from ...domain.abstention import Abstention
from ...domain.decision import ModelInfo
from ..port import Model, ModelRequest

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class NumberedModel:
    """Implements `Model`: adds `number` to the number and to the seed of every request."""

    model: Model
    number: int

    @property
    def info(self) -> ModelInfo:
        return self.model.info

    async def generate(self, request: ModelRequest[T]) -> T | Abstention:
        """Ask the model."""
        seed = None if request.seed is None else request.seed + self.number
        return await self.model.generate(replace(request, sample=request.sample + self.number, seed=seed))
