"""Nothing of the demo is left out by the tests beside this one, and what they watch for is seen."""

import ast
import json
from pathlib import Path

import pytest

from wxlogin_demo.levers import LEVERS

from .desk import HOME, LOGIN
from .watching import Watch

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SHARED = {"HOME": HOME, "LOGIN": LOGIN}


def calls(*methods):
    """The words that these are called with somewhere here: `pull("idle")` is `["idle"]`."""
    found = []
    for path in HERE.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        constants = {**SHARED, **dict(map(constant, tree.body))}
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in methods:
                words = (getattr(each, "value", constants.get(named(each))) for each in call.args)
                found.append([word for word in words if isinstance(word, str)])
    return found


def constant(line):
    """The name and the word of `HOME = "pages/home/home"`."""
    if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
        return named(line.targets[0]), line.value.value
    return "", None


def named(node):
    return getattr(node, "id", "")


def test_every_lever_is_pulled_with_each_of_its_choices():
    pulled = {tuple(words) for words in calls("pull", "another")}
    for name, lever in LEVERS.items():
        choices = [json.dumps(each.value).strip('"') for each in lever.choices]
        wanted = {(name, choice) for choice in choices} or {(name,)}
        assert wanted - pulled == set(), name


def test_every_page_of_the_mini_program_is_visited():
    app = json.loads((ROOT / "miniprogram" / "app.json").read_text("utf-8"))
    assert set(app["pages"]) == {words[0] for words in calls("arrive") if words}


def test_the_documents_have_the_pictures_that_are_taken():
    taken = {f"{words[0]}.png" for words in calls("of_phone", "of_page") if words}
    images = ROOT / "docs" / "images"
    assert [each for each in sorted(taken) if not (images / each).exists()] == []
    kept = {path.relative_to(images).as_posix() for path in images.glob("miniprogram/*.png")}
    assert kept - taken == set()


async def test_what_may_not_happen_is_noticed(make_desk):
    """The red twin of what each test watches for, in a phone's frame."""
    desk = await make_desk(watches=False)
    watch = Watch(desk.stage.url)
    await watch.over(desk.page.context)
    await desk.open()
    frame = await (await desk.phone.iframe.element_handle()).content_frame()
    await frame.evaluate("document.body.setAttribute('style', 'color: red')")
    await frame.evaluate("fetch('http://127.0.0.1:9/').catch(() => 0)")
    await desk.page.evaluate("setTimeout(() => { throw new Error('by hand') })")
    async with desk.page.context.expect_page() as coming:
        await desk.page.evaluate("() => void window.open('http://127.0.0.1:9/')")
    await (await coming.value).close()
    await frame.evaluate(
        "parent.postMessage({ source: 'wechat-simulator-phone', kind: 'error', text: 'lost' },"
        " location.origin)"
    )
    await frame.evaluate("document.querySelector('wx-page').style.minWidth = '400px'")
    with pytest.raises(AssertionError, match="host-scroller"):
        await desk.phone.fits()
    for each in ("CSP style-src", "CSP connect-src", "asked elsewhere", "thrown", "the mini"):
        assert [one for one in watch.amiss if one.startswith(each)], (each, watch.amiss)
