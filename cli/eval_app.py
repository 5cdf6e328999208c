"""The command `eval`. This module imports only what `--help` needs."""

from pathlib import Path
from typing import Annotated

import typer

from .arguments.choices import EveryChoice, MethodChoice
from .arguments.eval_options import (
    AgainstOption,
    AuditArgument,
    AuditDryRunOption,
    BootstrapSeedOption,
    ConditionsOption,
    DecisionOption,
    DemoWorkersOption,
    DeskArgument,
    DrawsOption,
    DryRunOption,
    ExperimentArgument,
    ExportFileOption,
    ExportOption,
    FirstOption,
    KeepDecisionsOption,
    LastOption,
    MetricOption,
    OutputOption,
    ProtocolMarketOption,
    RestrictOption,
    RunArgument,
    RunnerOption,
    SeedsOption,
    SignalsFirstOption,
    TestFromOption,
    TickersOption,
    TrackingOption,
    WithModelOption,
    WorkersOption,
)
from .arguments.options import AsJson, BaseUrlOption, DeepModelOption, ForceOption, ModelOption

eval_app = typer.Typer(help="Run experiments and compare their arms honestly.", no_args_is_help=True)


@eval_app.command("run")
def eval_run(
    experiment: ExperimentArgument,
    runner: RunnerOption = "local",
    workers: WorkersOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = None,
    market: ProtocolMarketOption = None,
    restrict: RestrictOption = False,
    keep: KeepDecisionsOption = None,
    model: ModelOption = None,
    deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Run an experiment, or continue it, and compare its arms.

    Finished units are stored and used again, also by other experiments; a changed prompt is a new unit. The best and
    worst decisions are kept whole, and with --keep decisions all of them: eval show ID --decision RUN_ID shows one.

    \b
    Examples:
      openoutcry eval run demo-news
      openoutcry eval run mine.yaml --dry-run
      openoutcry eval run stockbench --market DIR --restrict
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands.eval_run import EvalRunOptions, run_command

    flags: dict[str, object] = {"model": model, "deep_model": deep_model, "base_url": base_url}
    options = EvalRunOptions(
        experiment, runner, workers, dry_run=dry_run, output=output, as_json=as_json, market=market, restrict=restrict,
        keep=keep is not None,
    )  # fmt: skip
    raise typer.Exit(run_command(options, flags))


@eval_app.command("list")
def eval_list(output: OutputOption = None, as_json: AsJson = False) -> None:
    """List the runs of experiments, newest first."""
    from .commands.eval_runs import list_runs

    list_runs(output, as_json=as_json)


@eval_app.command("show")
def eval_show(
    run: RunArgument, output: OutputOption = None, decision: DecisionOption = None, as_json: AsJson = False
) -> None:
    """Show the figures of every arm, the comparison and the checks of a run, or one decision that was kept whole."""
    from .commands.eval_runs import show_decision, show_run

    if decision is not None:
        show_decision(run, decision, output)
        return
    raise typer.Exit(show_run(run, output, as_json=as_json))


@eval_app.command("compare")
def eval_compare(
    run: RunArgument,
    other: Annotated[
        str | None, typer.Argument(metavar="ID", help="Another run on the same window, whose new arms are added.")
    ] = None,
    metric: MetricOption = None,
    against: AgainstOption = None,
    output: OutputOption = None,
    as_json: AsJson = False,
) -> None:
    """Compare the arms of a run, or of two runs on the same data, window and account."""
    from .commands.eval_runs import compare_runs

    raise typer.Exit(compare_runs(run, other, metric, against, output, as_json=as_json))


@eval_app.command("report")
def eval_report(
    run: RunArgument,
    html: Annotated[Path, typer.Option("--html", metavar="FILE", help="The file to write.")],
    output: OutputOption = None,
    force: ForceOption = False,
) -> None:
    """Write a self-contained HTML report of a run."""
    from .commands.eval_runs import report_run

    report_run(run, html, output, force=force)


@eval_app.command("audit")
def eval_audit(
    subject: AuditArgument,
    output: OutputOption = None,
    market: ProtocolMarketOption = None,
    restrict: RestrictOption = False,
    with_model: WithModelOption = False,
    dry_run: AuditDryRunOption = False,
    model: ModelOption = None,
    deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Check the honesty of a run or of an experiment; exit code 1 if a check fails.

    Look-ahead, fills, prompts, universe, reversed evidence, placebo news, costs and delay are examined on sampled
    decisions by rules, without a model; of a run also what it stores: knowledge cut-offs, seeds, accounts left out.
    Of a protocol with several windows each is examined.
    """
    from .commands.eval_audit import AuditOptions, audit_command

    flags: dict[str, object] = {"model": model, "deep_model": deep_model, "base_url": base_url}
    options = AuditOptions(subject, output, market, restrict, with_model, dry_run, as_json)
    raise typer.Exit(audit_command(options, flags))


@eval_app.command("ablate")
def eval_ablate(
    desk: DeskArgument,
    experiment: ConditionsOption = "demo-news",
    runner: RunnerOption = "local",
    workers: WorkersOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = None,
    model: ModelOption = None,
    deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Compare a desk with itself without each of its parts, and with a single agent.

    The arms leave out the debate, each analyst, the memory and the committee, have 0 to 3 rounds, and let one agent
    answer once, five times, and as often as takes the tokens of the whole desk. It is one experiment; --dry-run shows
    its arms, calls and cost.
    """
    from .commands.eval_ablate import ablate_command
    from .commands.eval_run import EvalRunOptions

    flags: dict[str, object] = {"model": model, "deep_model": deep_model, "base_url": base_url}
    options = EvalRunOptions(desk, runner, workers, dry_run=dry_run, output=output, as_json=as_json)
    raise typer.Exit(ablate_command(options, experiment, flags))


@eval_app.command("export")
def eval_export(
    run: RunArgument,
    kind: ExportOption = "trajectories",
    file: ExportFileOption = None,
    force: ForceOption = False,
    test_from: TestFromOption = None,
    tracking_uri: TrackingOption = None,
    output: OutputOption = None,
) -> None:
    """Write a run for other programs, one JSON document a line.

    `trajectories` has every decision with its model calls and the return that followed, `sft` the calls of decisions
    that gained, `pairs` two answers to one prompt, `labels` ratings from later prices (Trading-R1) with an embargo of
    15 sessions; `parquet` (extra of this name) is one table of all decisions, which needs --file; `mlflow` sends the
    figures to MLflow.
    """
    from .commands.eval_export import ExportOptions, export_command

    export_command(ExportOptions(run, kind, file, force, test_from, tracking_uri, output))


# fmt: off
@eval_app.command("optimize")
def eval_optimize(
    experiment: ExperimentArgument,
    method: Annotated[MethodChoice, typer.Option(help="How texts are proposed; reflection is the control.")] = "opro",
    arm: Annotated[str | None, typer.Option(help="Arm. [default: the first that a model answers]")] = None,
    prompt: Annotated[str | None, typer.Option(help="Id of the prompt. [default: the one that writes orders]")] = None,
    proposals: Annotated[int, typer.Option(min=3, max=1000, help="Number of proposed texts.")] = 5,
    max_calls: Annotated[int | None, typer.Option(min=1, help="Cap of all model calls. [default: none]")] = None,
    max_cost_usd: Annotated[str | None, typer.Option(help="Cap of all model calls in USD. [default: none]")] = None,
    workers: DemoWorkersOption = 2, output: OutputOption = None, model: ModelOption = None,
    deep_model: DeepModelOption = None, base_url: BaseUrlOption = None, as_json: AsJson = False,
) -> None:
    # fmt: on
    """Optimize the instructions of one prompt on the tuning window, and judge the best once on the window.

    The file needs `tuning: {from, to}` before its window. Only the static block of the prompt changes. A text must
    score higher than the one in use and not be worse in a shadow evaluation. The same command continues after a stop.

    \b
    Examples:
      openoutcry eval optimize mine.yaml --proposals 8 --max-cost-usd 5
      openoutcry eval optimize mine.yaml --method reflection --prompt trader
    """  # noqa: D301 -- \b keeps the lines of the examples
    from .commands.eval_optimize import EvalOptimizeOptions, optimize_command

    flags: dict[str, object] = {"model": model, "deep_model": deep_model, "base_url": base_url}
    caps = (max_calls, max_cost_usd)
    options = EvalOptimizeOptions(
        experiment, method, arm, prompt, proposals, *caps, workers, output=output, as_json=as_json
    )
    raise typer.Exit(optimize_command(options, flags))


# fmt: off
@eval_app.command("signals")
def eval_signals(
    first: SignalsFirstOption = None,
    last: LastOption = None,
    seeds: SeedsOption = "7",
    tickers: TickersOption = None,
    desk: Annotated[str, typer.Option(help="The desk; rules answer for every role.")] = "debate",
    every: Annotated[EveryChoice, typer.Option(help="Interval of decisions.")] = "month",
    commission_bps: Annotated[int, typer.Option(min=0, help="Commission in basis points of a fill's value.")] = 1,
    slippage_bps: Annotated[int, typer.Option(min=0, help="Slippage in basis points of a fill's price.")] = 2,
    borrow_bps: Annotated[int, typer.Option(min=0, help="Yearly borrow fee in basis points.")] = 30,
    workers: DemoWorkersOption = 2,
    draws: DrawsOption = 4_000,
    bootstrap_seed: BootstrapSeedOption = 0,
    as_json: AsJson = False,
) -> None:
    # fmt: on
    """Measure the share of the planted signals of the demo market that a desk earns, by signal."""
    from .commands.eval_demo import DemoOptions, signals_command

    options = DemoOptions(first, last, seeds, tickers, workers, draws, bootstrap_seed, as_json=as_json)
    raise typer.Exit(signals_command(options, desk, every, (commission_bps, slippage_bps, borrow_bps)))


# fmt: off
@eval_app.command("memory-value")
def eval_memory_value(
    first: FirstOption = "2017-01-03",
    counted: Annotated[
        str | None, typer.Option("--counted-from", metavar="DATE", help="First counted day. [default: 3 years later]")
    ] = None,
    last: LastOption = None, seeds: SeedsOption = "7,11,12", tickers: TickersOption = None,
    workers: DemoWorkersOption = 2, draws: DrawsOption = 4_000, bootstrap_seed: BootstrapSeedOption = 0,
    as_json: AsJson = False,
) -> None:
    # fmt: on
    """Measure what the memory is worth on the demo market: the same desk of rules with a memory and without."""
    from .commands.eval_demo import DemoOptions, memory_value_command

    options = DemoOptions(first, last, seeds, tickers, workers, draws, bootstrap_seed, as_json=as_json)
    raise typer.Exit(memory_value_command(options, counted))
