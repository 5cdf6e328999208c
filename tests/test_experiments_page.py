"""The commands of the walk in docs/experiments.md print what the page shows."""

from experiments_transcript import COMMAND, PAGE, WALK, recorded


def test_the_walk_is_what_its_commands_print():
    walk = WALK.search(PAGE.read_text(encoding="utf-8"))[0]
    assert len(COMMAND.findall(walk)) >= 7
    assert walk == recorded(walk), "record it anew: python -m tests.experiments_transcript"
