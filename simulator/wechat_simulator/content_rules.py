"""What the content checks think of a text and of a picture, and how a picture is sent.

The real platform judges by models nobody knows. Here a text is risky if one of the configured
words stands in it, and a picture if its top left pixel is red: a tester can make both by hand,
and a red picture is still red after a server has cut it, shrunk it and written it as JPEG.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO

from wechat_simulator.wire import Refused

SCENES = (1, 2, 3, 4)
"""1 profile, 2 comment, 3 forum, 4 social log."""
MOST_CHARACTERS = 2500
MOST_BYTES = 1024 * 1024
MOST_WIDTH, MOST_HEIGHT = 750, 1334

_BOUNDARY = re.compile(r'multipart/form-data\s*;(?:.*;)?\s*boundary=("?)([^";]{1,70})\1', re.I)
_NAME = re.compile(rb';\s*name="([^"]*)"', re.I)
_FILE_NAME = re.compile(rb';\s*filename="[^"]+"', re.I)


def find_risky_word(text: str, words: Iterable[str]) -> str | None:
    """The first of the words that stands in the text, in whatever case; None if none does."""
    lowered = text.casefold()
    return next((word for word in words if word.casefold() in lowered), None)


def media_in(content_type: str, body: bytes) -> bytes:
    """The file `media` of a form; raises Refused 41005 where there is none with a file name."""
    found = _BOUNDARY.match(content_type.strip())
    if found is None:
        raise Refused(41005)
    delimiter = b"\r\n--" + found.group(2).encode()
    _, *parts = (b"\r\n" + body).split(delimiter)
    for part in parts:
        head, gap, content = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if gap and name is not None and name[1] == b"media" and _FILE_NAME.search(head):
            return content
    raise Refused(41005)


def is_red(picture: bytes) -> bool:
    """Whether the top left pixel is #FF0000, or as near to it as JPEG comes.

    Raises Refused 40006 for what is too large, 40004 for what is no PNG, JPEG or GIF.
    """
    # Late, so that a simulator that sees no picture starts without it.
    from PIL import Image

    if len(picture) > MOST_BYTES:
        raise Refused(40006)
    try:
        with Image.open(BytesIO(picture), formats=("PNG", "JPEG", "GIF")) as image:
            if image.width > MOST_WIDTH or image.height > MOST_HEIGHT:
                raise Refused(40006)
            pixel = image.convert("RGB").getpixel((0, 0))
    except Refused:
        raise
    except Exception:
        raise Refused(40004) from None
    assert isinstance(pixel, tuple)
    red, green, blue = pixel
    return bool(red >= 240 and green <= 16 and blue <= 16)
