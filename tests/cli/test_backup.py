"""`backup` and `restore`: consistent copies while others write, no secrets, verified before anything is replaced."""

import hashlib
import io
import json
import os
import sqlite3
import stat
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from openoutcry.app.backup import back_up
from openoutcry.app.clock import now
from openoutcry.app.restore import restore
from openoutcry.app.settings import load_settings
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.ledger.store.ledger import Ledger
from openoutcry.memory.journal.writer_lock import WriterLock

RULES = ("--model", "rules", "--json")
SECRET = "verysecretsentinel"


@pytest.fixture
def desk(openoutcry, home):
    """Make two decisions with an account and memory."""
    openoutcry("paper", "init", "--account", "mine")
    for day in ("2025-03-03", "2025-03-04"):
        assert openoutcry("decide", "GRUND", "--as-of", day, "--account", "mine", "--submit", *RULES).code == 0
    return home


def state(openoutcry, home):
    """Return what a user can see of a state folder."""
    ledger = Ledger.open(f"sqlite:///{home / 'book.db'}", trading_calendar, reading=True)
    digest = ledger.broker("mine").book.state_hash()
    ledger.close()
    commands = (
        ("runs", "list", "--json"),
        ("memory", "export"),
        ("paper", "positions", "--account", "mine", "--json"),
        ("paper", "orders", "--account", "mine", "--json"),
    )
    shown = [openoutcry(*command).out for command in commands]
    assert shown[1].count("\n") > 10
    verified = openoutcry("ledger", "verify")
    assert (verified.code, "sound" in verified.out) == (0, True)
    return digest, shown


@pytest.mark.parametrize("name", ["copy", "copy.tar", "copy.tar.gz"])
def test_a_backup_under_an_open_write_transaction_restores_the_same_desk(openoutcry, desk, tmp_path, monkeypatch, name):
    before, target = state(openoutcry, desk), tmp_path / name
    with closing(sqlite3.connect(desk / "book.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO accounts (account, seq, hash) VALUES ('unfinished', 0, '')")
        assert openoutcry("backup", target).code == 0
        writer.execute("ROLLBACK")
    assert openoutcry("decide", "CALDR", "--as-of", "2025-03-04", "--account", "mine", "--submit", *RULES).code == 0
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "other"))
    restored = openoutcry("restore", target)
    assert (restored.code, "restored" in restored.out) == (0, True)
    assert state(openoutcry, tmp_path / "other") == before
    again = openoutcry("decide", "CALDR", "--as-of", "2025-03-05", "--account", "mine", "--submit", *RULES)
    assert again.code == 0


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_can_read_what_backup_and_restore_write_whatever_the_umask(openoutcry, desk, tmp_path):
    (desk / "memory" / "chroma" / "part").mkdir(parents=True)
    (desk / "memory" / "chroma" / "part" / "vectors.bin").write_bytes(b"x")
    settings = load_settings({})
    os.umask(0)
    back_up(settings, tmp_path / "copy", now())
    back_up(settings, tmp_path / "copy.tar", now())
    restore(settings.model_copy(update={"home": tmp_path / "other"}), tmp_path / "copy.tar", now(), force=False)
    for root in (tmp_path / "copy", tmp_path / "other"):
        for place, _, files in os.walk(root):
            assert mode(Path(place)) == 0o700
            assert {mode(Path(place) / each) for each in files} <= {0o600}
    assert (tmp_path / "other" / "memory" / "chroma" / "part" / "vectors.bin").exists()
    assert mode(tmp_path / "copy.tar") == 0o600


def test_a_backup_has_no_secret_cache_lock_or_link(openoutcry, desk, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"sk-{SECRET}")
    (desk / "openoutcry.toml").write_text(
        f"api_key_file = '{desk / 'key.txt'}'\n[[notifications.channels]]\nname = 'x'\nurl = 'https://h/{SECRET}'\n",
        encoding="utf-8",
    )
    (desk / "key.txt").write_text(f"sk-{SECRET}", encoding="utf-8")
    (desk / "cache").mkdir(exist_ok=True)
    (desk / "cache" / "big").write_text("x", encoding="utf-8")
    (tmp_path / "outside").write_text("theirs", encoding="utf-8")
    (desk / "link").symlink_to(tmp_path / "outside")
    ran = openoutcry("backup", tmp_path / "copy")
    assert "not included: the link link" in ran.err
    names = {
        path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*") if path.is_file()
    }
    assert {"book.db", "runs.db", "memory/journal.db", "settings.json", "manifest.json"} <= names
    assert not {"key.txt", "openoutcry.toml", "cache/big", "link", "memory/writer.lock"} & names
    assert not [name for name in names if name.endswith(("-wal", "-shm"))]
    for name in names:
        assert SECRET.encode() not in (tmp_path / "copy" / name).read_bytes()
    manifest = json.loads((tmp_path / "copy" / "manifest.json").read_text(encoding="utf-8"))
    assert {each["path"] for each in manifest["files"]} | {"manifest.json"} == names
    for each in manifest["files"]:
        content = (tmp_path / "copy" / each["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (each["size"], each["sha256"])


def test_the_memory_is_copied_without_its_index_while_another_process_writes(openoutcry, desk, tmp_path, monkeypatch):
    (desk / "memory" / "chroma").mkdir()
    (desk / "memory" / "chroma" / "vectors.bin").write_bytes(b"x" * 100)
    lock = WriterLock(desk / "memory" / "writer.lock")
    with lock.during():
        result = back_up(load_settings({}), tmp_path / "busy", now(), lock_patience_s=0)
    assert any("index of the memory" in each for each in result.left_out)
    assert (tmp_path / "busy" / "memory" / "journal.db").exists()
    assert not (tmp_path / "busy" / "memory" / "chroma").exists()
    quiet = back_up(load_settings({}), tmp_path / "quiet", now())
    assert quiet.left_out == ()
    assert (tmp_path / "quiet" / "memory" / "chroma" / "vectors.bin").exists()
    assert not lock.held


def test_a_ledger_elsewhere_is_named_with_the_command_to_use(openoutcry, desk, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_LEDGER", f"postgresql+psycopg://me:{SECRET}@db/books")
    ran = openoutcry("backup", tmp_path / "copy")
    assert "pg_dump" in ran.err
    assert SECRET not in ran.out + ran.err
    monkeypatch.setenv("OPENOUTCRY_LEDGER", f"sqlite:///{tmp_path / 'mine.db'}")
    assert "openoutcry ledger backup FILE" in openoutcry("backup", tmp_path / "copy2").err


@pytest.mark.parametrize("place", ["present", "nowhere/copy", "home/copy", "home/memory/copy.tar"])
def test_a_target_that_exists_or_cannot_be_used_is_refused(openoutcry, desk, tmp_path, place):
    (tmp_path / "present").mkdir()
    assert openoutcry("backup", tmp_path / place).code == 2
    assert not list(tmp_path.rglob("*.partial"))


def test_a_damaged_database_stops_the_backup_and_leaves_nothing(openoutcry, desk, tmp_path):
    content = (desk / "runs.db").read_bytes()
    (desk / "runs.db").write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    for log in desk.glob("runs.db-*"):
        log.unlink()
    assert openoutcry("backup", tmp_path / "copy").code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_a_state_folder_in_use_is_replaced_only_with_force_and_what_was_there_is_kept(openoutcry, desk, tmp_path):
    before = state(openoutcry, desk)
    openoutcry("backup", tmp_path / "copy")
    (desk / "openoutcry.toml").write_text("cash = 5000\n", encoding="utf-8")
    openoutcry("decide", "CALDR", "--as-of", "2025-03-04", "--account", "mine", "--submit", *RULES)
    refused = openoutcry("restore", tmp_path / "copy")
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert state(openoutcry, desk) != before
    assert openoutcry("restore", tmp_path / "copy", "--force").code == 0
    assert state(openoutcry, desk) == before
    (replaced,) = desk.glob(".replaced-*")
    assert {"book.db", "runs.db"} <= {path.name for path in replaced.iterdir()}
    assert (desk / "openoutcry.toml").read_text(encoding="utf-8") == "cash = 5000\n"
    openoutcry("backup", tmp_path / "next")
    assert not list((tmp_path / "next").rglob("*replaced*"))


def test_a_restore_that_fails_while_files_are_put_in_place_changes_nothing(openoutcry, desk, tmp_path, monkeypatch):
    before, names = state(openoutcry, desk), sorted(path.name for path in desk.iterdir())
    openoutcry("backup", tmp_path / "copy")
    rename, calls = Path.rename, []

    def failing(self, target):
        calls.append(self)
        if len(calls) == len(names) + 1:  # all old files are moved away, and one new file is in place
            raise OSError(28, "No space left on device")
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", failing)
        ran = openoutcry("restore", tmp_path / "copy", "--force")
    assert (ran.code, "No space left" in ran.err) == (2, True)
    assert state(openoutcry, desk) == before
    assert sorted(path.name for path in desk.iterdir()) == names


def small_backup(folder, files):
    """Write a backup by hand."""
    folder.mkdir(exist_ok=True)
    entries = []
    for name, content in files.items():
        entries.append({"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
        if ".." not in name and not name.startswith("/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    manifest = {"schema": "openoutcry.backup/1", "version": "1", "created_at": "2025-03-03T00:00:00Z", "files": entries}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def nothing_restored(home):
    return not home.exists() or not list(home.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        "../escaped",
        "/tmp/escaped",
        "a/../../escaped",
        "manifest.json",
        "",
        ".restoring/x",
        "a//b",
        "C:/x",
        "a\\b",
        "a\nb",
    ],
)
def test_a_path_that_leads_out_of_the_folder_is_refused(openoutcry, home, tmp_path, name):
    folder = small_backup(tmp_path / "copy", {})
    entry = {"path": name, "size": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | {"files": [entry]}), encoding="utf-8")
    assert openoutcry("restore", folder).code == 2
    assert nothing_restored(home)
    assert not (tmp_path / "escaped").exists()


def test_links_in_a_backup_are_not_followed(openoutcry, home, tmp_path):
    secret = tmp_path / "private"
    secret.mkdir()
    (secret / "x").write_bytes(b"theirs")
    folder = small_backup(tmp_path / "copy", {"notes": b"theirs"})
    (folder / "notes").unlink()
    (folder / "notes").symlink_to(secret / "x")
    assert openoutcry("restore", folder).code == 2
    folder = small_backup(tmp_path / "copy2", {"sub/x": b"theirs"})
    (folder / "sub" / "x").unlink()
    (folder / "sub").rmdir()
    (folder / "sub").symlink_to(secret)
    assert openoutcry("restore", folder).code == 2
    with tarfile.open(tmp_path / "link.tar", "w") as archive:
        archive.add(folder / "manifest.json", arcname="manifest.json")
        member = tarfile.TarInfo("sub/x")
        member.type, member.linkname = tarfile.SYMTYPE, str(secret / "x")
        archive.addfile(member)
    assert openoutcry("restore", tmp_path / "link.tar").code == 2
    assert nothing_restored(home)


@pytest.mark.parametrize("change", ["altered", "shorter", "longer", "missing", "twice", "no manifest", "bad manifest"])
def test_an_incomplete_or_altered_backup_changes_nothing(openoutcry, home, tmp_path, change):
    folder = small_backup(tmp_path / "copy", {"notes": b"twelve bytes", "other": b"x"})
    match change:
        case "altered" | "shorter" | "longer":
            (folder / "notes").write_bytes(
                {"altered": b"TWELVE bytes", "shorter": b"twelve", "longer": b"y" * 10**6}[change]
            )
        case "missing":
            (folder / "notes").unlink()
        case "no manifest":
            (folder / "manifest.json").unlink()
        case "bad manifest":
            (folder / "manifest.json").write_bytes(b"{")
        case "twice":
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            manifest["files"] *= 2
            (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    ran = openoutcry("restore", folder)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert nothing_restored(home)


@pytest.mark.parametrize("name", ["copy.tar", "copy.tar.gz"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_archive_changes_nothing(openoutcry, home, desk, tmp_path, monkeypatch, name, share):
    openoutcry("backup", tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(len(content) * share)])
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "other"))
    ran = openoutcry("restore", tmp_path / name)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert nothing_restored(tmp_path / "other")


def test_members_of_an_archive_that_the_manifest_does_not_name_are_ignored(openoutcry, home, tmp_path):
    folder = small_backup(tmp_path / "copy", {"notes": b"mine"})
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for name in ("manifest.json", "notes"):
            archive.add(folder / name, arcname=name)
        member = tarfile.TarInfo("../escaped")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    assert openoutcry("restore", tmp_path / "x.tar").code == 0
    assert [path.name for path in home.iterdir()] == ["notes"]


def test_what_is_not_there_is_one_sentence(openoutcry, home, tmp_path):
    assert openoutcry("backup", tmp_path / "copy").code == 2
    assert openoutcry("restore", tmp_path / "nowhere").code == 2
