"""The commands `init`, `config` and `doctor`. This module imports only what `--help` needs."""

from typing import Annotated

import typer

from .arguments.options import (
    AsJson,
    BaseUrlOption,
    CashOption,
    DecisionAccountOption,
    DeepModelOption,
    DeskOption,
    MarketOption,
    MemoryOption,
    ModelOption,
    PromptFolder,
)

config_app = typer.Typer(help="Show the effective settings.", no_args_is_help=True)


def init(
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing openoutcry.toml.")] = False,
) -> None:
    """Write a commented openoutcry.toml to the working folder."""
    from .commands import config

    config.init(force=force)


@config_app.command("show")
def config_show(
    market: MarketOption = None,
    desk: DeskOption = None,
    model: ModelOption = None,
    deep_model: DeepModelOption = None,
    base_url: BaseUrlOption = None,
    account: DecisionAccountOption = None,
    cash: CashOption = None,
    remember: MemoryOption = None,
    prompts: PromptFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show every setting and where it comes from: flag, environment variable, file or default.

    The flags are those of `decide`. Keys and passwords are not shown.
    """
    from .commands import config

    flags: dict[str, object] = {
        "market": market,
        "desk": desk,
        "model": model,
        "deep_model": deep_model,
        "base_url": base_url,
    }
    flags |= {"account": account, "cash": cash, "remember": remember, "prompts": prompts}
    config.show(flags, as_json=as_json)


def doctor(
    as_json: AsJson = False,
    offline: Annotated[bool, typer.Option("--offline", help="Do not contact the public sources.")] = False,
    model: Annotated[
        str | None,
        typer.Option(help="Probe this model instead, such as openai:NAME, with short calls. [default: no probe]"),
    ] = None,
    base_url: BaseUrlOption = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Send a test message to every channel of notifications instead.")
    ] = False,
) -> None:
    """Check this installation.

    Checked are versions, keys, endpoint, public sources, notifications, disk and clock. Every check ends as ok,
    warning, failed or skipped, with its remedy. Exits with 2 if one failed.
    """
    from .commands.doctor import run_checks

    raise typer.Exit(run_checks(as_json=as_json, offline=offline, model=model, base_url=base_url, notify=notify))
