"""Takes the decisions of a case and returns what is compared; reads and writes the recordings."""

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stub.server import StubServer

from .cases import DEMO, Case, Decision
from .command_line import Result, Shell
from .projection import account_facts, decision_facts, prompt_hashes
from .scripted import ScriptedModel

FOLDER = Path(__file__).parent / "recordings"
DECISIONS, PROMPTS = FOLDER / "decisions.json.gz", FOLDER / "prompts.json.gz"
WORKING_FOLDER = Path("/proc/self/cwd")
Json = dict[str, Any]


def load(path: Path) -> Json:
    """Return a recording."""
    recorded: Json = json.loads(gzip.decompress(path.read_bytes()))
    return recorded


def save(path: Path, value: Json) -> None:
    """Write a recording; equal values give equal bytes."""
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def run_case(case: Case, home: Path, folders: Mapping[str, Path]) -> Json:
    """Take the decisions of a case in the state folder `home` and return what is compared.

    `folders` gives the market folder of each symbol of real data.
    """
    shell = Shell(home)
    for command in case.setup:
        assert shell.run(*command).code == 0
    decisions: Json = {}
    for decision in case.decisions:
        market = DEMO if case.market == DEMO else _linked(folders[decision.symbol], home)
        result = decide(shell, decision, market)
        decisions[f"{decision.symbol} {decision.day}"] = {
            "exit_code": result.code,
            **(decision_facts(result.json) if result.out else {"error": result.err}),
        }
    after = {" ".join(command): account_facts(shell.run(*command, "--json").json) for command in case.after}
    return {"decisions": decisions, **({"after": after} if after else {})}


def _linked(folder: Path, home: Path) -> str:
    """Return a path of a market folder that is the same in every run: the ids of memories depend on it."""
    link = home / f"market-{folder.name}"
    if not link.is_symlink():
        home.mkdir(parents=True, exist_ok=True)
        link.symlink_to(folder)
    return f"{WORKING_FOLDER}/{link.name}"


def decide(shell: Shell, decision: Decision, market: str) -> Result:
    """Take one decision; with a script, over HTTP with a local model server."""
    asked = ("decide", decision.symbol, "--as-of", decision.day, "--market", market, "--json", *decision.flags)
    with _model_flags(decision) as model:
        return shell.run(*asked, *model)


def desk_prompts(desk: str, home: Path) -> Json:
    """Return the content hash of each prompt that a desk uses."""
    decided = Shell(home).run(
        "decide", "GRUND", "--as-of", "2025-03-03", "--model", "rules", "--desk", desk, "--no-memory", "--json"
    )
    return prompt_hashes(decided.json)


@contextmanager
def _model_flags(decision: Decision) -> Iterator[tuple[str, ...]]:
    if decision.script is None:
        yield ("--model", "rules")
        return
    with StubServer(responder=ScriptedModel(decision.symbol, decision.script)) as server:
        yield ("--model", "openai:scripted", "--base-url", server.url)
