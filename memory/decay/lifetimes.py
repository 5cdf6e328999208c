"""Days for which an uncited memory can be recalled, and its layers, for every preset.

`python -m openoutcry.memory.decay.lifetimes` prints the table in docs/memory.md.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from ..partitions.partition import Partition
from ..partitions.partition_view import PartitionView, apply_events
from ..presets.catalog import PRESETS
from ..presets.preset import Preset
from ..record import Layer, Source
from ..timestamps import DAY
from . import Decay, fading_of

SHOWN = (Source.NEWS, Source.QUARTERLY, Source.ANNUAL, Source.TRADE_REFLECTION)
LONGEST_DAYS = 4_000


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Lifetime of one record from the day on which it became available.

    Attributes:
        days: the first day on which it can no longer be recalled; None if that is beyond LONGEST_DAYS.
        stays: its layers in order, each with the first day in it.
    """

    source: Source
    days: int | None
    stays: tuple[tuple[Layer, int], ...]


def lifetime(preset: Preset, source: Source) -> Lifetime:
    """Return the lifetime of a record without earlier copies, surprise or citations."""
    decay, view = fading_of(preset), _alone(source)
    alive = [bool(decay.state(view, 1, day * DAY).recallable[0]) for day in range(LONGEST_DAYS)]
    days = alive.index(False) if False in alive else None
    layers = _layers(decay, view, LONGEST_DAYS if days is None else days)
    stays = [(layer, next(iter(group))[0]) for layer, group in groupby(enumerate(layers), key=lambda each: each[1])]
    return Lifetime(source, days, tuple(stays))


def _layers(decay: Decay, view: PartitionView, days: int) -> list[Layer]:
    return [decay.layers(view, (0,), day * DAY)[0] for day in range(days)]


def _alone(source: Source) -> PartitionView:
    """Return a partition view with one record, available from time zero."""
    row = (1, "0" * 16, source.value, "news", 0, 0, 0.0, 1, -1.0, 0)
    return apply_events(Partition.of([row], np.zeros((1, 1), np.int16)), ())


def table() -> str:
    """Return the table of lifetimes in Markdown."""
    head = ["| preset | " + " | ".join(SHOWN) + " |", "|---" * (len(SHOWN) + 1) + "|"]
    return "\n".join([*head, *(_row(preset) for preset in PRESETS.values())])


def _row(preset: Preset) -> str:
    return f"| {preset.name} | " + " | ".join(_cell(lifetime(preset, source)) for source in SHOWN) + " |"


def _cell(lived: Lifetime) -> str:
    days = f"over {LONGEST_DAYS} days" if lived.days is None else f"{lived.days} days"
    moves: Sequence[str] = [f"{layer} from {day}" for layer, day in lived.stays[1:]]
    return f"{days} ({', '.join([lived.stays[0][0], *moves])})"


def main() -> None:
    """Print the table of lifetimes."""
    sys.stdout.write(table() + "\n")


if __name__ == "__main__":
    main()
