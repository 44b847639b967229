"""Pictures for the documents, of few colours: small enough for a repository.

They are taken where WXLOGIN_TEST_SCREENSHOTS names the folder, `docs/images`.
"""

import io
import os
from pathlib import Path
from typing import Any

from PIL import Image

FOLDER = os.environ.get("WXLOGIN_TEST_SCREENSHOTS")
SCALE = 2 if FOLDER else 1
LARGEST = 200_000
"""Bytes of one picture."""
ALONE = "position: fixed; top: 0; left: 0; z-index: 9; transform: none; border-radius: 0"
SET_STYLE = "(frame, style) => { frame.style.cssText = style; }"


async def of_phone(phone: Any, name: str) -> None:
    """The phone's screen, 375 by 760, twice as dense."""
    if FOLDER is None:
        return
    await phone.screen.locator(".phone-toast").wait_for(state="detached")
    await phone.iframe.evaluate(SET_STYLE, ALONE)
    await _save(phone.iframe, name)
    await phone.iframe.evaluate(SET_STYLE, "")


async def of_page(page: Any, name: str) -> None:
    if FOLDER is not None:
        await _save(page, name, scale="css")


async def _save(what: Any, name: str, **how: Any) -> None:
    shot = await what.screenshot(animations="disabled", caret="hide", **how)
    path = Path(FOLDER or "") / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(shot)) as image:
        few = image.convert("RGB").quantize(dither=Image.Dither.NONE)
        few.save(path, "PNG", optimize=True)
    assert path.stat().st_size < LARGEST, path.name
