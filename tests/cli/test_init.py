"""`wxlogin init` never takes away what a database needs."""

import os
import re

import pytest

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def keys_in(path):
    (found,) = re.findall(r"^WXLOGIN_KEYS=(.+)$", path.read_text("utf-8"), re.MULTILINE)
    return found.split(",")


def test_force_keeps_the_old_file_and_its_keys(typed, folder):
    typed("init", "--simulator")
    first = (folder / ".env").read_bytes()
    (old,) = keys_in(folder / ".env")
    typed("check", "--offline")  # makes a database under the first key
    said = typed("init", "--simulator", "--force").stdout
    assert ".env.bak" in said
    assert "WXLOGIN_KEYS" in said
    assert old not in said
    assert (folder / ".env.bak").read_bytes() == first
    new, kept = keys_in(folder / ".env")
    assert kept == old
    assert new.partition(":")[0] != old.partition(":")[0]
    typed("check", "--offline")
    typed("keys", "reseal")


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_only_the_owner_reads_the_file_and_its_copies(typed, folder):
    for _ in range(3):
        typed("init", "--simulator", "--force")
    for name in (".env", ".env.bak", ".env.bak.1"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600


def test_an_older_copy_is_never_replaced(typed, folder):
    (folder / ".env.bak").write_text("mine")
    typed("init", "--simulator")
    for _ in range(2):
        typed("init", "--simulator", "--force")
    assert (folder / ".env.bak").read_text() == "mine"
    assert len(keys_in(folder / ".env")) == 3
    assert len(keys_in(folder / ".env.bak.2")) == 2
    assert sorted(one.name for one in folder.iterdir()) == [
        ".env",
        ".env.bak",
        ".env.bak.1",
        ".env.bak.2",
        ".gitignore",
    ]


def test_keys_from_a_file_are_carried_too(typed, folder):
    typed("init", "--simulator")
    (old,) = keys_in(folder / ".env")
    (folder / "keys").write_text(old + "\n")
    (folder / ".env").write_text(f"WXLOGIN_KEYS_FILE={folder / 'keys'}\n")
    typed("init", "--simulator", "--force")
    assert keys_in(folder / ".env")[1:] == [old]


def test_keys_that_cannot_be_used_are_said_to_be_left(typed, folder):
    (folder / ".env").write_text("WXLOGIN_KEYS=abc\n")
    assert "可能打不开" in typed("init", "--simulator", "--force").stdout
    assert len(keys_in(folder / ".env")) == 1


def test_without_force_nothing_is_touched(typed, folder):
    (folder / ".env").write_text("mine")
    typed("init", "--simulator", code=1)
    assert [one.name for one in folder.iterdir()] == [".env"]


def test_a_file_that_cannot_be_written_is_told_in_a_line(typed, folder):
    (folder / ".gitignore").mkdir()
    said = typed("init", "--simulator", code=1).stderr
    assert "读写失败，请看目录的权限 cannot read or write here: .gitignore" in said


if not AS_ROOT:  # nothing is read-only to root

    def test_a_folder_that_is_read_only_is_told_in_a_line(typed, folder):
        folder.chmod(0o500)
        try:
            said = typed("init", "--simulator", code=1).stderr
        finally:
            folder.chmod(0o700)
        assert "读写失败，请看目录的权限 cannot read or write here" in said


def test_a_folder_in_the_place_of_the_file_is_told_in_a_line(typed, folder):
    (folder / ".env").mkdir()
    assert "不是文件" in typed("init", "--simulator", "--force", code=1).stderr
