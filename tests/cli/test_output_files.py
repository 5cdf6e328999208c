"""Files that the user names: links out of the folder are refused, and files of others are kept."""

import pytest

RULES = ("decide", "GRUND", "--as-of", "2025-03-03", "--model", "rules")
THEIRS = "my own notes on OpenOutcry\n"


@pytest.fixture(params=["decide", "runs show", "paper export", "paper export jsonl", "memory export"])
def write(request, openoutcry):
    """Return a function that writes a file with one of the commands, and the name of the file."""
    assert openoutcry("paper", "init", "--account", "a").code == 0
    assert openoutcry(*RULES, "--json").code == 0
    command, name = {
        "decide": ((*RULES, "--json", "--report"), "r.html"),
        "runs show": (("runs", "show", "latest", "--json", "--report"), "r.md"),
        "paper export": (("paper", "export", "--account", "a", "--out"), "x.csv"),
        "paper export jsonl": (("paper", "export", "--account", "a", "--format", "jsonl", "--out"), "x.jsonl"),
        "memory export": (("memory", "export", "--out"), "m.jsonl"),
    }[request.param]
    return lambda *flags: openoutcry(*command, name, *flags), name


def test_a_file_of_this_command_is_written_again(write, home):
    run, name = write
    for _ in range(2):
        assert run().code == 0
    assert (home.parent / name).stat().st_size > 100


def test_a_file_of_another_program_is_kept_without_force(write, home):
    run, name = write
    path = home.parent / name
    path.write_text(THEIRS, encoding="utf-8")
    ran = run()
    assert (ran.code, "--force" in ran.err) == (2, True)
    assert path.read_text(encoding="utf-8") == THEIRS
    assert run("--force").code == 0
    assert path.read_text(encoding="utf-8") != THEIRS


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_out_of_its_folder_is_not_followed(write, home, tmp_path_factory, exists):
    run, name = write
    target = tmp_path_factory.mktemp("elsewhere") / name
    if exists:
        target.write_text(THEIRS, encoding="utf-8")
    (home.parent / name).symlink_to(target)
    for flags in ((), ("--force",)):
        ran = run(*flags)
        assert (ran.code, "symbolic link" in ran.err) == (2, True)
    assert (target.read_text(encoding="utf-8") if target.exists() else None) == (THEIRS if exists else None)


def test_a_link_within_the_folder_and_a_linked_folder_are_followed(openoutcry, home, tmp_path_factory):
    openoutcry("paper", "init", "--account", "a")
    (home.parent / "x.csv").symlink_to(home.parent / "real.csv")
    assert openoutcry("paper", "export", "--account", "a", "--out", "x.csv").code == 0
    assert (home.parent / "real.csv").is_file()
    folder = tmp_path_factory.mktemp("folder")
    (home.parent / "out").symlink_to(folder)
    assert openoutcry("paper", "export", "--account", "a", "--out", "out/x.csv").code == 0
    assert (folder / "x.csv").is_file()


def test_a_refused_report_makes_no_decision(openoutcry, home):
    (home.parent / "r.md").write_text(THEIRS, encoding="utf-8")
    assert openoutcry(*RULES, "--report", "r.md").code == 2
    assert openoutcry("runs", "list", "--json").out == "[]\n"
