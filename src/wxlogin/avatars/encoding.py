"""A picture drawn anew: a square JPEG of at most 512 pixels a side, and nothing beside it.

    bytes  ->  kind by its first bytes  ->  width x height by its header  ->  scans counted
           ->  decoded, cut, shrunk     ->  turned upright                ->  JPEG

What is not a pixel is left behind: EXIF with its place and time, comments, thumbnails,
profiles, further frames, and whatever was appended for another reader of the same bytes.
Colours are taken as sRGB: to honour a profile means to run one that a stranger wrote.
"""

import asyncio
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from wxlogin.login import errors
from wxlogin.login.avatars import MAX_PICTURE, MEDIA_TYPE, EncodedAvatar

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFile import ImageFile

SIDE = 512
"""Pixels: three times what a mini program shows at its largest, on a phone's dense screen."""

MAX_PIXELS = 4096 * 3072
"""What phones take. Decoded, WebP needs 17 bytes a pixel, 210 MB for this, and PNG nine."""

MAX_JPEG_PIXELS = 2 * MAX_PIXELS
"""A JPEG is shrunk while it is decoded, so that it may be larger, and comes from cameras."""

MAX_SCANS = 64
"""Scans of one JPEG. Cameras and browsers write ten; each one is drawn over the whole picture,
so that 2 MB of empty ones keep a processor busy for minutes (libjpeg-turbo LJT-01-003/004)."""

QUALITIES = (85, 70, 50, 30)
"""JPEG's, tried in this order until the picture is small enough. Noise alone needs the last."""

AT_ONCE = 2
WAITING = 16

_BROKEN = "broken"
_KIND = "not a PNG, JPEG or WebP"
_TOO_MANY_PIXELS = "too many pixels"


class PillowMissing(ImportError):
    """Pictures are decoded by Pillow, and it is not installed."""

    def __init__(self) -> None:
        super().__init__('pictures need Pillow: pip install "wxlogin[avatars]"')


class AvatarEncoder:
    """Draws pictures anew in threads of its own, `at_once` of them, while `waiting` more wait.

    Raises `PillowMissing` where it is made without Pillow: at the start, not at an upload.
    """

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        _need_pillow()
        self._places = threading.Semaphore(at_once + waiting)
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="wxlogin-avatar")

    async def encode(self, content: bytes) -> EncodedAvatar:
        """See `EncodeAvatar`, which this is."""
        # Given back by the thread, not by who waits: somebody who hangs up and asks again
        # must not have two pictures decoded for one place.
        if not self._places.acquire(blocking=False):
            raise errors.RateLimited(1)
        try:
            drawn: Future[EncodedAvatar] = self._threads.submit(encode_avatar, content)
        except RuntimeError:
            self._places.release()
            raise
        drawn.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(drawn)

    def close(self) -> None:
        """Take no more pictures, and let go of those that wait."""
        self._threads.shutdown(wait=False, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Size:
    width: int
    height: int


def encode_avatar(content: bytes) -> EncodedAvatar:
    """The picture in `content`, drawn anew. Takes up to seconds: not for an event loop's thread.

    Raises `RequestInvalid` with the field "file" and one of the reasons "not a PNG, JPEG or
    WebP", "too many pixels" and "broken".
    """
    outcome = _outcome(content)
    # Raised here, so that Pillow's exception, which may show parts of the file, is not its cause.
    if isinstance(outcome, str):
        raise errors.RequestInvalid(("file", outcome))
    return outcome


def _outcome(content: bytes) -> EncodedAvatar | str:
    try:
        with _open(content) as image:
            if image.width * image.height > _most_pixels(image):
                return _TOO_MANY_PIXELS
            square = _draw(image)
    except _Refused as refused:
        return refused.reason
    except MemoryError:
        raise
    except Exception:
        # Whatever a decoder says of a stranger's bytes (ValueError, struct.error, SyntaxError,
        # EOFError, zlib.error, OSError, …): they are no picture.
        return _BROKEN
    return EncodedAvatar(_spelled(square), MEDIA_TYPE, square.width, square.height)


def _most_pixels(image: "ImageFile") -> int:
    return MAX_JPEG_PIXELS if image.format == "JPEG" else MAX_PIXELS


class _Refused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _open(content: bytes) -> "ImageFile":
    """The picture, its header read and not one pixel decoded. Raises `_Refused`.

    The three decoders are named one by one: `Image.open` would try all of Pillow's.
    """
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile(BytesIO(content))
    if content.startswith(b"\xff\xd8\xff"):
        # Inside of a scan 0xFF is always followed by 0x00 or a restart, so these are scans.
        if content.count(b"\xff\xda") > MAX_SCANS:
            raise _Refused(_BROKEN)
        return JpegImageFile(BytesIO(content))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        # Its decoder makes room for the whole picture as soon as it is opened.
        size = _webp_size(content)
        if size.width * size.height > MAX_PIXELS:
            raise _Refused(_TOO_MANY_PIXELS)
        return WebPImageFile(BytesIO(content))
    raise _Refused(_KIND)


def _webp_size(content: bytes) -> _Size:
    """What the first chunk says (WebP container specification; RFC 9649 §2.5-2.7)."""
    kind, chunk = content[12:16], content[20:30]
    if len(chunk) == 10 and kind == b"VP8X":
        return _Size(1 + _number(chunk[4:7]), 1 + _number(chunk[7:10]))
    if len(chunk) == 10 and kind == b"VP8L":
        bits = _number(chunk[1:5])
        return _Size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if len(chunk) == 10 and kind == b"VP8 ":
        return _Size(_number(chunk[6:8]) & 0x3FFF, _number(chunk[8:10]) & 0x3FFF)
    raise _Refused(_BROKEN)


def _number(field: bytes) -> int:
    return int.from_bytes(field, "little")


def _draw(image: "ImageFile") -> "Image.Image":
    """The middle of the picture as a square on white, upright, with nothing but its pixels."""
    from PIL import Image

    image.draft("RGB", (SIDE, SIDE))  # a large JPEG is decoded at a half, a quarter or an eighth
    image.load()
    turn = _turn(image)
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    small = _with_colours(image).resize(
        (min(side, SIDE), min(side, SIDE)),
        Image.Resampling.LANCZOS,
        box=(left, top, left + side, top + side),
        reducing_gap=3.0,
    )
    # A new one: Pillow would hand on comments and profiles from the old one.
    drawn = Image.new("RGB", small.size, "white")
    drawn.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    return drawn if turn is None else drawn.transpose(turn)


def _with_colours(image: "Image.Image") -> "Image.Image":
    if image.mode.startswith("I"):  # sixteen bits of grey; Pillow would cut them off at 255
        image = image.convert("I").point([value >> 8 for value in range(1 << 16)], "L")
    if image.mode in ("RGB", "RGBA"):
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _turn(image: "ImageFile") -> "Image.Transpose | None":
    """What turns the picture upright, by its EXIF orientation; broken EXIF says nothing."""
    from PIL import Image

    try:
        orientation: object = image.getexif().get(0x0112)
    except Exception:
        return None
    turns: dict[object, Image.Transpose] = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return turns.get(orientation)


def _spelled(square: "Image.Image") -> bytes:
    for quality in QUALITIES:
        written = BytesIO()
        square.save(written, "JPEG", quality=quality, optimize=True)
        if written.tell() <= MAX_PICTURE:
            return written.getvalue()
    raise AssertionError("a square of 512 pixels a side is never that large")


def _need_pillow() -> None:
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise PillowMissing from None
