"""Compiling a mini program: what is asked of Node, what is told of errors, and the phone's news."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from wechat_simulator.phone import compiling
from wechat_simulator.phone.builds import Builds
from wechat_simulator.phone.compiling import (
    CompilerMissing,
    CompilingFailed,
    compile_app,
    find_node,
    is_source,
    ready_compiler,
)
from wechat_simulator.phone.gateway import Gateway
from wechat_simulator.server import Listener

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs written for sh")

NODE = """
if [ "$1" = --version ]; then echo "${NODE_SAYS:-v20.19.0}"; exit; fi
[ -e "$2/broken" ] && { cat "$2/broken" >&2; exit 1; }
mkdir -p "$3" && cat "$2/app.json" > "$3/app.js"
"""
NPM = """
[ -e package-lock.json ] || exit 3
[ -n "$NPM_FAILS" ] && { echo "$NPM_FAILS" >&2; exit 1; }
mkdir -p node_modules/some-package
echo "$@" > asked
"""
BROKEN = "pages/home/home.wxml:3:7: 标签没有闭合 / unclosed tag"


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """`programs(node=…)` puts programs of these names on an otherwise empty path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    # The scripts need a few programs of the system, and a real node must not be among them.
    for name in ("sh", "cat", "mkdir", "echo"):
        (folder / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(folder))

    def put(**scripts):
        for name, script in scripts.items():
            program = folder / name
            program.write_text(f"#!/bin/sh\n{script}")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)

    return put


@pytest.fixture
def compiler(tmp_path):
    """A compiler as it lies in an installed copy: no packages, and nobody's above it."""
    folder = tmp_path / "installed" / "compiler"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"dependencies": {"some-package": "1.0.0"}}))
    (folder / "package-lock.json").write_text("{}")
    (folder / "compile.mjs").write_text("")
    (folder.parent / "static").mkdir()
    (folder.parent / "static" / "tags.json").write_text("[]")
    return folder


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "miniprogram"
    folder.mkdir()
    (folder / "app.json").write_text("first")
    return folder


@pytest.fixture
def builds(tmp_path, source, programs, compiler, monkeypatch):
    """Builds by a stand-in for the compiler: it copies app.json."""
    programs(node=NODE, npm=NPM)
    monkeypatch.setattr(compiling, "ready_compiler", lambda *, tell: compiler)
    return Builds(source, tmp_path / "work", tell=lambda line: None)


def quiet(line):
    """For tests in which nothing is waited for."""


def test_without_node_it_says_which_to_install(programs):
    with pytest.raises(CompilerMissing, match=r"Node 20\.19") as caught:
        find_node()
    assert "编译小程序需要 Node" in str(caught.value)


@pytest.mark.parametrize("version", ["v18.20.1", "v20.18.9", "gibberish"])
def test_a_node_that_is_too_old_is_named(programs, monkeypatch, version):
    programs(node=NODE)
    monkeypatch.setenv("NODE_SAYS", version)
    with pytest.raises(CompilerMissing, match=version):
        find_node()


@pytest.mark.parametrize("version", ["v20.19.0", "v22.1.0", "v100.0.0"])
def test_a_newer_node_will_do(programs, monkeypatch, version):
    programs(node=NODE)
    monkeypatch.setenv("NODE_SAYS", version)
    assert Path(find_node()).name == "node"


def test_in_a_checkout_the_packages_are_those_above(compiler, programs):
    """Nothing is fetched: there is no npm on this path."""
    (compiler.parent / "node_modules" / "some-package").mkdir(parents=True)
    assert ready_compiler(tell=quiet, compiler=compiler) == compiler


def test_an_installed_copy_fetches_its_packages_once(compiler, programs, tmp_path):
    """Into the cache, by the lock file, no script of a package run; and it says what takes time."""
    programs(npm=NPM)
    told, cache = [], tmp_path / "cache"
    ready = ready_compiler(tell=told.append, compiler=compiler, cache=cache)
    assert (ready / "node_modules" / "some-package").is_dir()
    assert (ready / "compile.mjs").is_file()
    assert (ready.parent / "static" / "tags.json").is_file()
    assert (ready / "asked").read_text().startswith("ci --omit=dev --ignore-scripts")
    assert len(told) == 1
    programs(npm="exit 9")
    assert ready_compiler(tell=told.append, compiler=compiler, cache=cache) == ready
    assert len(told) == 1
    assert list(cache.iterdir()) == [ready.parent]


def test_another_version_of_the_compiler_gets_packages_of_its_own(compiler, programs, tmp_path):
    programs(npm=NPM)
    former = ready_compiler(tell=quiet, compiler=compiler, cache=tmp_path / "cache")
    (compiler / "package-lock.json").write_text('{"lockfileVersion": 3}')
    newer = ready_compiler(tell=quiet, compiler=compiler, cache=tmp_path / "cache")
    (compiler.parent / "static" / "tags.json").write_text('["view"]')
    newest = ready_compiler(tell=quiet, compiler=compiler, cache=tmp_path / "cache")
    assert len({former, newer, newest}) == 3


def test_a_fetch_that_fails_says_why_and_leaves_nothing(compiler, programs, tmp_path, monkeypatch):
    """Half of the packages must not be taken for all of them the next time."""
    programs(npm=NPM)
    monkeypatch.setenv("NPM_FAILS", "ENOTFOUND the registry")
    with pytest.raises(CompilerMissing, match="ENOTFOUND the registry"):
        ready_compiler(tell=quiet, compiler=compiler, cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_npm_it_says_so(compiler, programs, tmp_path):
    with pytest.raises(CompilerMissing, match="npm"):
        ready_compiler(tell=quiet, compiler=compiler, cache=tmp_path / "cache")


def test_what_the_compiler_says_is_passed_on_line_by_line(builds, source, tmp_path):
    (source / "broken").write_text(f"{BROKEN}\n{BROKEN}\n")
    with pytest.raises(CompilingFailed) as caught:
        compile_app(source, tmp_path / "out")
    assert caught.value.lines == (BROKEN, BROKEN)


def test_a_build_that_fails_leaves_the_former_one_running(builds, source):
    """And says why until one succeeds."""
    assert builds.current.folder is None
    first = builds.build()
    assert (first.folder / "app.js").read_text() == "first"
    (source / "broken").write_text(BROKEN)
    failed = builds.build()
    assert (failed.name, failed.folder, failed.errors) == (first.name, first.folder, (BROKEN,))
    (source / "broken").unlink()
    (source / "app.json").write_text("second")
    second = builds.build()
    assert (second.folder / "app.js").read_text() == "second"
    assert second.errors == ()
    assert second.name != first.name
    assert not first.folder.exists()


def test_a_folder_is_told_from_a_compiled_one(tmp_path, source):
    (tmp_path / "app.js").write_text("")
    assert is_source(source)
    assert not is_source(tmp_path)


@pytest.fixture
def desk(wechat, builds):
    listener = Listener(Gateway(wechat, builds))
    listener.start()
    with httpx2.Client(base_url=listener.url, trust_env=False) as client:
        yield client
    listener.stop()


class News:
    """The events of one stream, read one by one."""

    def __init__(self, answer):
        assert answer.headers["content-type"].startswith("text/event-stream")
        self._lines = answer.iter_lines()

    def open(self):
        """The stream has begun: what happens from now on is news."""
        assert next(self._lines) == ": open"

    def next(self):
        for line in self._lines:
            if line.startswith("event: "):
                return line.removeprefix("event: "), json.loads(next(self._lines)[6:])
        raise AssertionError("the stream ended")


def test_the_phone_hears_of_a_new_build_and_of_errors(desk, builds, source):
    """It names the build it runs, so that none is missed between its loading and its listening."""
    builds.build()
    address = desk.get("/phone/config.json").json()["reload"]
    (source / "broken").write_text(BROKEN)
    builds.build()
    with desk.stream("GET", address) as answer:
        news = News(answer)
        assert news.next() == ("errors", [BROKEN])
        (source / "broken").unlink()
        second = builds.build()
        assert news.next() == ("reload", second.name)
        assert news.next() == ("errors", [])
    with desk.stream("GET", address) as answer:
        assert News(answer).next() == ("reload", second.name)


def test_the_mini_program_that_is_served_is_the_newest(desk, builds, source):
    assert desk.get("/phone/app/app.js").status_code == 404
    builds.build()
    assert desk.get("/phone/app/app.js").text == "first"
    (source / "app.json").write_text("second")
    builds.build()
    assert desk.get("/phone/app/app.js").text == "second"


def test_a_text_message_reaches_the_phone_of_its_owner(desk, wechat):
    """Old ones do not come again, and those of others never."""
    ann, bob = (wechat.add_user(name).phone for name in ("ann", "bob"))

    def send(phone, text):
        message = {"phone": phone, "text": text, "verification_code": "1"}
        assert desk.post("/sim/sms", json=message).status_code == 200

    send(ann, "before")
    address = desk.get("/phone/config.json").json()["reload"]
    with desk.stream("GET", f"{address}&user=ann") as answer:
        news = News(answer)
        news.open()
        sender = threading.Timer(
            0.05, lambda: [send(bob, "for bob"), send(ann, "one"), send(ann, "two")]
        )
        sender.start()
        assert [news.next(), news.next()] == [("sms", "one"), ("sms", "two")]
        sender.join()


def test_the_cache_is_the_users_own(monkeypatch, tmp_path):
    if sys.platform != "linux":
        pytest.skip("the place differs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiling._cache_folder() == tmp_path / "wechat-simulator"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert compiling._cache_folder() == Path(os.path.expanduser("~/.cache/wechat-simulator"))
