"""The phone's files: what is served, what is not, and under which rules for a browser."""

from __future__ import annotations

import json

import anyio
import pytest

from wechat_simulator.phone import PhoneConfig, PhoneDoor
from wechat_simulator.phone.door import find_file

CONFIG = PhoneConfig("wxapp", forward={"http://127.0.0.1:8000": "/server"})


@pytest.fixture
def folders(tmp_path):
    """The phone's own files, a compiled mini program, and a secret beside both."""
    static, app = tmp_path / "static", tmp_path / "app"
    static.mkdir()
    (app / "assets").mkdir(parents=True)
    (static / "phone.html").write_text("<!doctype html>")
    (static / "phone.js").write_text("phone()")
    (app / "app.js").write_text("app()")
    (app / "assets" / "a b.png").write_bytes(b"\x89PNG")
    (app / ".hidden").write_text("secret")
    (tmp_path / "secret.txt").write_text("secret")
    (app / "link.txt").symlink_to(tmp_path / "secret.txt")
    return static, app


@pytest.fixture
def ask(folders):
    """`ask("/phone/app/app.js")` is status, headers and body."""
    door = PhoneDoor(folders[1], CONFIG, static=folders[0])

    def ask(path, *, method="GET", door=door, **headers):
        raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "headers": raw}
        sent = []

        async def send(message):
            sent.append(message)

        anyio.run(door, scope, None, send)
        told = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
        return sent[0]["status"], told, sent[1]["body"]

    return ask


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/phone/", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/phone/phone.js", "text/javascript; charset=utf-8", b"phone()"),
        ("/phone/app/app.js", "text/javascript; charset=utf-8", b"app()"),
        ("/phone/app/assets/a b.png", "image/png", b"\x89PNG"),
    ],
)
def test_the_phone_and_its_mini_program_are_served(ask, path, kind, body):
    status, headers, told = ask(path)
    assert (status, headers["content-type"], told) == (200, kind, body)


def test_the_config_is_json_and_leaves_out_what_is_not_set(ask):
    status, headers, body = ask("/phone/config.json")
    assert (status, headers["content-type"]) == (200, "application/json")
    assert json.loads(body) == {
        "app_id": "wxapp",
        "env_version": "develop",
        "sim": "/sim",
        "forward": {"http://127.0.0.1:8000": "/server"},
        "label": "模拟 Simulated",
    }


@pytest.mark.parametrize("path", ["/phone/", "/phone/config.json", "/phone/app/app.js", "/phone/x"])
def test_every_answer_carries_the_rules_for_the_browser(ask, path):
    """Also the 404: a browser shows that too."""
    _, headers, _ = ask(path)
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_an_unchanged_file_is_not_sent_again_and_a_changed_one_is(ask, folders):
    _, headers, _ = ask("/phone/app/app.js")
    assert headers["cache-control"] == "no-cache"
    status, _, body = ask("/phone/app/app.js", if_none_match=headers["etag"])
    assert (status, body) == (304, b"")
    (folders[1] / "app.js").write_text("new()")
    status, _, body = ask("/phone/app/app.js", if_none_match=headers["etag"])
    assert (status, body) == (200, b"new()")


@pytest.mark.parametrize(
    "path",
    [
        "/phone/../secret.txt",
        "/phone/app/../../secret.txt",
        "/phone/app/..\\..\\secret.txt",
        "/phone/app//secret.txt",
        "/phone/app/C:/secret.txt",
        "/phone/app/app.js\0.png",
        "/phone/app/.hidden",
        "/phone/app/link.txt",
        "/phone/app/assets",
        "/phone/app/",
        "/phone/nothing.js",
        "/elsewhere/phone.js",
    ],
)
def test_nothing_else_is_served(ask, path):
    status, _, body = ask(path)
    assert (status, body) == (404, b"")


def test_a_link_out_of_the_folder_is_what_the_last_check_is_for(folders):
    """Its twin: the file is there, and by its name alone it would be served."""
    assert (folders[1] / "link.txt").read_text() == "secret"
    assert find_file(folders[1], "link.txt") is None
    assert find_file(folders[1], "app.js") is not None


def test_head_has_no_body_and_other_methods_are_refused(ask):
    status, headers, body = ask("/phone/app/app.js", method="HEAD")
    assert (status, headers["content-length"], body) == (200, "5", b"")
    assert ask("/phone/", method="POST")[0] == 405


def test_without_its_last_slash_the_address_is_a_redirect(ask):
    """Relative names on the page would lead elsewhere."""
    status, headers, _ = ask("/phone")
    assert (status, headers["location"]) == (308, "/phone/")


def test_a_phone_without_a_mini_program_is_still_a_phone(ask, folders):
    door = PhoneDoor(None, CONFIG, prefix="/demo/phone/", static=folders[0])
    assert ask("/demo/phone/", door=door)[0] == 200
    assert ask("/demo/phone/app/app.js", door=door)[0] == 404


def test_a_prefix_without_slashes_is_a_mistake():
    with pytest.raises(ValueError, match="slash"):
        PhoneDoor(None, CONFIG, prefix="phone")
