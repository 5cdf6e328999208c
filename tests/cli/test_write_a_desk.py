"""The commands, the desk and the topology of docs/write-a-desk.md work as they are printed."""

import asyncio
import re
import shlex
from decimal import Decimal
from pathlib import Path

import pytest
from desk_factory import close_of
from openoutcry.desk.decision import DecisionRequest, decide
from openoutcry.desk.rule_desk import rule_desk
from openoutcry.domain.account import Account
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import RunId, Symbol
from openoutcry.domain.proposal import RatingProposal
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.topologies.registry import TOPOLOGIES
from openoutcry.prompts.library import load_prompts
from openoutcry.reports.render import markdown
from openoutcry.risk.limit_settings import Limits

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "write-a-desk.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def desk_file(tmp_path):
    path = tmp_path / "two-analysts.yaml"
    path.write_text(blocks("yaml")[0], encoding="utf-8")
    (tmp_path / "two-or-one.yaml").write_text(blocks("yaml")[1], encoding="utf-8")
    return path


def test_the_commands_of_the_page_run(openoutcry, desk_file):
    commands = [line for block in blocks("bash") for line in block.splitlines()]
    assert len(commands) == 8
    for command in commands:
        program, *arguments = shlex.split(command)
        ran = openoutcry(*arguments)
        assert (program, ran.code, command) == ("openoutcry", 0, command), ran.err


def test_the_topology_of_the_page_decides(demo, desk_file):
    (code,) = blocks("python")
    assert len(code.strip().splitlines()) <= 30
    written = {"__name__": "second_opinion"}
    exec(compile(code, "write-a-desk.md", "exec"), written)  # the code of this repository's own page
    topologies = (*TOPOLOGIES, written["SecondOpinion"])
    text = re.sub(r"deliberation: .*", "deliberation: {kind: second_opinion}", blocks("yaml")[0])
    desk_file.write_text(text, encoding="utf-8")
    desk, seen = load_desk(str(desk_file), topologies=topologies), []
    built = rule_desk(desk, load_prompts(), demo, Limits(), seed=1, version="", timer=lambda: 0.0)
    request = DecisionRequest(RunId("own"), Symbol("GRUND"), close_of(2025, 1, 6), Account("own", Decimal(100_000)))
    decision = asyncio.run(decide(built, request, observer=lambda progress: seen.append(progress.role)))
    assert seen[-4:] == ["first", "first", "second", "second"]
    assert isinstance(decision.proposal, RatingProposal)
    assert "GRUND" in markdown(decision, ())


def test_the_topology_of_the_page_refuses_a_desk_without_analysts(desk_file):
    (code,) = blocks("python")
    written = {"__name__": "second_opinion"}
    exec(compile(code, "write-a-desk.md", "exec"), written)
    desk_file.write_text(
        "name: own\nroles:\n  - {role: single_agent, name: a, tools: [bars]}\ndeliberation: {kind: second_opinion}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="line 4: deliberation: a second opinion needs analysts"):
        load_desk(str(desk_file), topologies=(*TOPOLOGIES, written["SecondOpinion"]))
