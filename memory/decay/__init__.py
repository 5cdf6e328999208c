"""Memory decay: closed-form exponential, or daily steps as in FinMem, InvestorBench and FinCon."""

from ..presets.preset import ExponentialParams, Preset
from .daily_steps import DailyStepDecay
from .exponential import ExponentialDecay
from .port import Decay, DecayState

__all__ = ["Decay", "DecayState", "fading_of"]


def fading_of(preset: Preset) -> Decay:
    """Return the decay model that `preset` configures."""
    if isinstance(preset.decay, ExponentialParams):
        return ExponentialDecay(preset.decay, preset.initial_layer)
    return DailyStepDecay(preset.decay, preset.initial_layer)
