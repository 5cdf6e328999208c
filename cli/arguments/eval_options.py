"""The arguments and options of the command `eval`."""

from pathlib import Path
from typing import Annotated

import typer

from .choices import KeepChoice, MetricChoice, RunExportChoice, RunnerChoice

ExperimentArgument = Annotated[
    str,
    typer.Argument(metavar="EXPERIMENT", help="An experiment file, or the name of a built-in experiment or protocol."),
]
RunArgument = Annotated[
    str, typer.Argument(metavar="ID", help="Id of the run, as in `eval list`; a unique prefix; or latest.")
]
AuditArgument = Annotated[
    str,
    typer.Argument(metavar="ID|EXPERIMENT", help="A run, an experiment file, or a built-in experiment or protocol."),
]
WithModelOption = Annotated[
    bool,
    typer.Option("--with-model", help="Also call the models: masked names, reversed evidence, news of other symbols."),
]
AuditDryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show calls, tokens and cost of the checks that call models; call none.")
]
DeskArgument = Annotated[str, typer.Argument(metavar="DESK", help="A built-in desk, or a desk file.")]
ConditionsOption = Annotated[
    str,
    typer.Option(
        "--experiment", metavar="EXPERIMENT", help="Experiment that market, symbols, window and account are of."
    ),
]
ExportOption = Annotated[RunExportChoice, typer.Option("--format", help="What is written.")]
ExportFileOption = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="File to write. [default: standard output]")
]
KeepDecisionsOption = Annotated[
    KeepChoice | None,
    typer.Option("--keep", help="Keep every decision whole. [default: the best and worst of each unit]"),
]
DecisionOption = Annotated[
    str | None, typer.Option(metavar="RUN_ID", help="Show this decision as JSON. [default: the whole run]")
]
TestFromOption = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="First day of the test window of labels. [default: after the run's window]"),
]
TrackingOption = Annotated[str | None, typer.Option(metavar="URI", help="Address of MLflow. [default: MLflow's own]")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", metavar="DIR", help="Folder of all runs. [default: experiments/runs in the state folder]"),
]
RunnerOption = Annotated[RunnerChoice, typer.Option(help="Where units run: on this machine, or on a Ray cluster.")]
WorkersOption = Annotated[
    int | None, typer.Option(min=1, max=1024, help="Number of processes. [default: one per processor]")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show units, calls, tokens, cost and time; call no model, store nothing.")
]
ProtocolMarketOption = Annotated[
    str | None, typer.Option("--market", metavar="DIR", help="Market folder of a protocol. [default: the setting]")
]
RestrictOption = Annotated[
    bool, typer.Option("--restrict", help="Run a protocol on those of its names whose data the market has.")
]
MetricOption = Annotated[
    MetricChoice | None, typer.Option(help="What is compared. [default: that of the experiment file]")
]
AgainstOption = Annotated[
    str | None, typer.Option(help="Arm or baseline to compare with. [default: that of the experiment file]")
]
SeedsOption = Annotated[str, typer.Option("--seeds", help="Seeds of the demo markets: 7,11,12.")]
TickersOption = Annotated[str | None, typer.Option(help="Tickers: A,B,C. [default: all of the demo market]")]
SignalsFirstOption = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="First day. [default: five years before --to]")
]
FirstOption = Annotated[str, typer.Option("--from", metavar="DATE", help="First day of the backtest.")]
LastOption = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="Last day. [default: last completed session]")
]
DrawsOption = Annotated[int, typer.Option(min=1, help="Number of bootstrap draws.")]
BootstrapSeedOption = Annotated[int, typer.Option(help="Random seed of the bootstrap.")]
DemoWorkersOption = Annotated[int, typer.Option(min=1, max=1024, help="Number of processes.")]
