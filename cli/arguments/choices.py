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
WhenChoice = Literal["after-close", "before-open"]
ActionChoice = Literal["buy", "sell", "short", "cover"]
OrderTypeChoice = Literal["market", "limit", "stop", "stop_limit", "trailing_stop"]
TimeInForceChoice = Literal["day", "gtc", "opg", "cls", "ioc", "fok"]
RunnerChoice = Literal["local", "ray"]
RunExportChoice = Literal["trajectories", "sft", "pairs", "labels", "parquet", "mlflow"]
MetricChoice = Literal["net_return", "gross_return"]
MethodChoice = Literal["opro", "reflection", "gepa"]
