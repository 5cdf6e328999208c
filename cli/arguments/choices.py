"""The values of enumerated flags. `--help` lists them; they equal the values of the enumerations that they become."""

from typing import Literal

LotChoice = Literal["fifo", "lifo", "highest_cost", "specific"]
SplitChoice = Literal["cancel", "adjust", "adjust_protective"]
BarChoice = Literal["1d", "1h"]
EveryChoice = Literal["day", "week", "month"]
KeepChoice = Literal["decisions"]
ExportChoice = Literal["csv", "jsonl", "beancount"]
LayerChoice = Literal["short", "mid", "long", "reflection"]
StatusChoice = Literal["planned", "running", "awaiting_approval", "submitted", "interrupted", "done", "failed"]
