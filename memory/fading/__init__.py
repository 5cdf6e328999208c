"""How memories fade: in closed form, or in the daily steps of the systems that we compare with."""

from ..preset import Preset, Smooth
from .port import Fading, Standing
from .smooth import SmoothFading
from .stepped import SteppedFading

__all__ = ["Fading", "Standing", "fading_of"]


def fading_of(preset: Preset) -> Fading:
    """Return the arithmetic that a preset asks for."""
    if isinstance(preset.fading, Smooth):
        return SmoothFading(preset.fading, preset.home)
    return SteppedFading(preset.fading, preset.home)
