"""Pictures of the console's pages, small enough for a repository."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

LARGEST = 200_000
"""Bytes of one picture."""
COLOURS = 256


async def save(page: Any, path: Path) -> None:
    """Write what the window shows, without pointer or cursor, as a PNG of few colours."""
    await page.mouse.move(0, 0)
    await page.evaluate("document.fonts.ready")
    shot = await page.screenshot(animations="disabled", caret="hide", scale="css")
    _write(shot, path)


def _write(shot: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(shot)) as image:
        few = image.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE)
        few.save(path, "PNG", optimize=True)
    assert path.stat().st_size < LARGEST, path.name
