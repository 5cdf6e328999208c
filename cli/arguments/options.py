"""Flags that several commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Exactly one JSON document on standard output.")]
AccountOption = Annotated[str, typer.Option("--account", help="Which account.")]
