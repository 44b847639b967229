"""Uploads are drawn anew: what comes out is a small upright JPEG, whatever came in."""

import asyncio
import contextlib
import io
import struct
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from wxlogin.avatars import encoding
from wxlogin.avatars.encoding import AvatarEncoder, PillowMissing, encode_avatar
from wxlogin.login import errors
from wxlogin.login.avatars import MAX_PICTURE, EncodedAvatar

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 128, 0), (0, 0, 255), (255, 255, 255)


def spelled(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def plain(colour: object = RED, *, size: tuple[int, int] = (40, 30), mode: str = "RGB") -> bytes:
    return spelled(Image.new(mode, size, colour))  # type: ignore[arg-type]


def opened(avatar: EncodedAvatar) -> Image.Image:
    image = Image.open(io.BytesIO(avatar.content), formats=("JPEG",))
    image.load()
    return image


def colour_at(avatar: EncodedAvatar, x: int, y: int) -> tuple[int, int, int]:
    """The nearest of the colours that these tests paint with."""
    found = opened(avatar).getpixel((x, y))
    assert isinstance(found, tuple)
    near = (RED, GREEN, BLUE, WHITE)
    return min(near, key=lambda one: sum((a - b) ** 2 for a, b in zip(one, found, strict=True)))


def reason(content: bytes) -> str:
    with pytest.raises(errors.RequestInvalid) as refused:
        encode_avatar(content)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    (error,) = refused.value.errors
    assert error["field"] == "file"
    return error["reason"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_each_kind_becomes_a_square_jpeg(kind: str) -> None:
    avatar = encode_avatar(spelled(Image.new("RGB", (1000, 700), GREEN), kind))
    assert (avatar.media_type, avatar.width, avatar.height) == ("image/jpeg", 512, 512)
    assert opened(avatar).size == (512, 512)
    assert colour_at(avatar, 10, 10) == GREEN


def test_the_middle_is_what_is_kept() -> None:
    image = Image.new("RGB", (900, 300), RED)
    image.paste(GREEN, (300, 0, 600, 300))
    avatar = encode_avatar(spelled(image))
    assert [colour_at(avatar, x, 150) for x in (2, 150, 297)] == [GREEN] * 3


def test_a_small_picture_is_not_made_larger() -> None:
    avatar = encode_avatar(plain(size=(20, 31)))
    assert (avatar.width, avatar.height) == (20, 20)
    assert encode_avatar(plain(size=(1, 5000))).width == 1


def test_what_can_be_seen_through_is_white() -> None:
    assert colour_at(encode_avatar(plain((0, 0, 0, 0), mode="RGBA")), 5, 5) == WHITE
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([0, 0, 255])
    assert colour_at(encode_avatar(spelled(palette)), 5, 5) == BLUE
    assert colour_at(encode_avatar(spelled(palette, transparency=0)), 5, 5) == WHITE


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16", "CMYK", "YCbCr"])
def test_every_colour_mode_is_drawn(mode: str) -> None:
    kind = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"
    assert encode_avatar(spelled(Image.new(mode, (20, 20)), kind)).width == 20


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    grey = encode_avatar(spelled(Image.new("I;16", (20, 20), 32768)))
    found = opened(grey).convert("L").getpixel((5, 5))
    assert isinstance(found, int | float)
    assert 120 < found < 136


def test_noise_is_small_enough_too() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((600, 600), 255) for _ in range(3)])
    assert len(encode_avatar(spelled(noise)).content) <= MAX_PICTURE


def test_the_first_frame_is_what_is_kept() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    for kind in ("WEBP", "PNG"):
        moving = spelled(frames[0], kind, save_all=True, append_images=frames[1:])
        assert colour_at(encode_avatar(moving), 5, 5) == RED


# Upright


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation: int, kind: str) -> None:
    """However EXIF says that it was stored, one picture comes out as one and the same."""
    upright = Image.new("RGB", (64, 64), WHITE)
    upright.paste(RED, (0, 0, 32, 32))
    upright.paste(BLUE, (32, 0, 64, 32))
    stored_by = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(stored_by[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    avatar = encode_avatar(spelled(stored, kind, exif=exif.tobytes()))
    assert colour_at(avatar, 10, 10) == RED
    assert colour_at(avatar, 50, 10) == BLUE
    assert colour_at(avatar, 30, 55) == WHITE


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's, to the operator
def test_broken_exif_does_not_spoil_the_picture() -> None:
    for exif in (b"Exif\x00\x00MM\x00", b"Exif\x00\x00" + b"\xff" * 60, b"Exif\x00\x00II*\x00" * 9):
        assert encode_avatar(spelled(Image.new("RGB", (20, 20)), "JPEG", exif=exif)).width == 20


# What is hidden in a picture


def _with_place(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "CANARY-camera"
    exif.get_ifd(0x8825)[1] = "CANARY-gps"
    options: dict[str, object] = {"exif": exif.tobytes()}
    options["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    if kind == "PNG":
        told = PngImagePlugin.PngInfo()
        told.add_text("Comment", "CANARY-comment")
        told.add_itxt("XML:com.adobe.xmp", "CANARY-xmp")
        options["pnginfo"] = told
    elif kind == "JPEG":
        options["comment"] = "CANARY-comment"
        options["xmp"] = b"CANARY-xmp"
    else:
        options["xmp"] = b"CANARY-xmp"
    return spelled(Image.new("RGB", (40, 40), GREEN), kind, **options)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_nothing_but_pixels_is_kept(kind: str) -> None:
    content = _with_place(kind)
    assert b"CANARY" in content
    kept = encode_avatar(content).content
    assert b"CANARY" not in kept
    for mark in (b"Exif", b"ICC_PROFILE", b"http:", b"\xff\xfe", b"\xff\xe1", b"\xff\xe2"):
        assert mark not in kept, mark


def test_the_twin_that_saves_the_picture_it_opened_keeps_the_comment() -> None:
    """Red twin: Pillow hands a JPEG's comment on, unless a new picture is painted."""
    with Image.open(io.BytesIO(_with_place("JPEG"))) as image:
        assert b"CANARY-comment" in spelled(image.resize((20, 20)), "JPEG")


def _zip() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("evil.txt", "CANARY")
    return written.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("appended", [b"<html><script>CANARY</script></html>", _zip()])
def test_what_another_reader_would_find_behind_the_picture_is_gone(
    kind: str, appended: bytes
) -> None:
    both = spelled(Image.new("RGB", (40, 40), GREEN), kind) + appended
    kept = encode_avatar(both).content
    assert b"CANARY" not in kept
    assert not zipfile.is_zipfile(io.BytesIO(kept))
    assert kept.startswith(b"\xff\xd8\xff")
    assert kept.endswith(b"\xff\xd9")


# What is no picture we take


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>", id="html"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", id="svg"),
        pytest.param(spelled(Image.new("RGB", (9, 9)), "GIF"), id="gif"),
        pytest.param(spelled(Image.new("RGB", (9, 9)), "BMP"), id="bmp"),
        pytest.param(spelled(Image.new("RGB", (9, 9)), "TIFF"), id="tiff"),
        pytest.param(spelled(Image.new("RGB", (9, 9)), "PPM"), id="ppm"),
        pytest.param(spelled(Image.new("RGB", (32, 32)), "ICO"), id="ico"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", id="eps"),
        pytest.param(b"<html>" + plain(), id="a page with a picture behind it"),
        pytest.param(b"GIF89a" + plain(), id="half a gif"),
        pytest.param(_zip(), id="zip"),
        pytest.param(b"RIFF\x00\x00\x00\x00WAVEfmt ", id="wav"),
    ],
)
def test_another_format_is_refused_by_its_first_bytes(content: bytes) -> None:
    assert reason(content) == "not a PNG, JPEG or WebP"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_off_anywhere_is_broken(kind: str) -> None:
    whole = spelled(Image.effect_noise((64, 64), 90).convert("RGB"), kind)
    for length in (13, 20, 29, 40, 60, len(whole) // 2, len(whole) * 3 // 4):
        assert reason(whole[:length]) == "broken"


def test_any_bytes_at_all_are_a_picture_or_an_answer() -> None:
    """Each byte of three small pictures, turned over one at a time: never anything else."""
    for kind in ("PNG", "JPEG", "WEBP"):
        whole = spelled(Image.new("RGB", (8, 8), GREEN), kind)
        for at in range(0, len(whole), 2):
            for flip in (0x01, 0x80, 0xFF):
                changed = bytearray(whole)
                changed[at] ^= flip
                try:
                    avatar = encode_avatar(bytes(changed))
                except errors.RequestInvalid:
                    continue
                assert len(avatar.content) <= MAX_PICTURE
                assert max(avatar.width, avatar.height) <= 512


# Bombs


def _png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large; its pixels are zeros, pressed a thousandfold."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    pressing = zlib.compressobj(9)
    pixels = b"".join(pressing.compress(bytes(1 + width)) for _ in range(min(height, 4096)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", pixels + pressing.flush()),
            chunk(b"IEND", b""),
        )
    )


def _jpeg_of(width: int, height: int) -> bytes:
    small = bytearray(spelled(Image.new("RGB", (8, 8)), "JPEG"))
    at = small.index(b"\xff\xc0") + 5
    small[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(small)


def _webp_of(width: int, height: int) -> bytes:
    """The extended form, whose header says the canvas apart from what is in it."""
    inner = spelled(Image.new("RGBA", (8, 8)), "WEBP", lossless=True)[12:]
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunk = b"VP8X\x0a\x00\x00\x00\x10\x00\x00\x00" + canvas + inner
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _webp_lossless_of(width: int, height: int) -> bytes:
    small = bytearray(spelled(Image.new("RGB", (8, 8)), "WEBP", lossless=True))
    assert small[12:16] == b"VP8L"
    bits = int.from_bytes(small[21:25], "little") >> 28 << 28
    small[21:25] = (bits | (height - 1) << 14 | (width - 1)).to_bytes(4, "little")
    return bytes(small)


def _webp_lossy_of(width: int, height: int) -> bytes:
    small = bytearray(spelled(Image.new("RGB", (8, 8)), "WEBP", lossless=False))
    assert small[12:16] == b"VP8 "
    small[26:30] = struct.pack("<HH", width, height)
    return bytes(small)


@pytest.mark.parametrize("make", [_png_of, _jpeg_of, _webp_of, _webp_lossless_of, _webp_lossy_of])
def test_a_bomb_is_refused_by_what_its_header_says(make: Callable[[int, int], bytes]) -> None:
    bomb = make(16_000, 16_000)
    assert len(bomb) < 2 * 1024 * 1024
    begun = time.process_time()
    assert reason(bomb) == "too many pixels"
    assert time.process_time() - begun < 0.5


def test_one_pixel_more_than_the_limit_is_too_many() -> None:
    assert encode_avatar(_png_of(4096, 3072)).width == 512
    assert reason(_png_of(4097, 3072)) == "too many pixels"


def test_a_camera_may_be_better_than_that() -> None:
    """A JPEG of 24 million pixels costs less than a PNG of twelve."""
    assert encode_avatar(spelled(Image.new("RGB", (6000, 4000), GREEN), "JPEG")).width == 512
    assert reason(_jpeg_of(6000, 4200)) == "too many pixels"


def test_the_twin_without_a_limit_decodes_the_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red twin: what the limit keeps away is really drawn without it."""
    monkeypatch.setattr(encoding, "MAX_PIXELS", 1 << 62)
    assert encode_avatar(_png_of(4097, 3072)).width == 512


def test_what_unpacks_beside_the_picture_is_bounded_too() -> None:
    """Texts and profiles in a PNG are pressed as well: 1,800 times a megabyte in these two."""
    whole = plain()
    at = whole.index(b"IDAT") - 4
    pressed = b"t\x00\x00" + zlib.compress(bytes(1_000_000), 9)
    for kind in (b"zTXt", b"iCCP"):
        body = kind + pressed
        one = struct.pack(">I", len(pressed)) + body + struct.pack(">I", zlib.crc32(body))
        begun = time.process_time()
        with contextlib.suppress(errors.RequestInvalid):
            encode_avatar(whole[:at] + one * 1_800 + whole[at:])
        assert time.process_time() - begun < 5


def _scans(count: int) -> bytes:
    """A JPEG whose last scan, 33 bytes and drawn over all of it, stands `count` times."""
    whole = spelled(Image.new("RGB", (1024, 1024), "gray"), "JPEG", progressive=True)
    return whole[:-2] + whole[whole.rindex(b"\xff\xda") : -2] * count + b"\xff\xd9"


def test_a_jpeg_with_scans_without_end_is_refused_unread() -> None:
    bomb = _scans(40_000)
    assert len(bomb) < 2 * 1024 * 1024
    begun = time.process_time()
    assert reason(bomb) == "broken"
    assert time.process_time() - begun < 0.2


def test_an_ordinary_progressive_jpeg_is_drawn() -> None:
    assert encode_avatar(_scans(1)).width == 512


def test_the_twin_that_counts_no_scans_draws_each_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Red twin: without the count, each further scan costs its time. Here two hundred of them."""
    monkeypatch.setattr(encoding, "MAX_SCANS", 1 << 62)

    def cost(count: int) -> float:
        content = _scans(count)
        begun = time.process_time()
        encode_avatar(content)
        return time.process_time() - begun

    cost(1)
    assert cost(200) > 4 * cost(1)


# Off the loop, and bounded


def _slow(gate: threading.Event, running: list[int]) -> Callable[[bytes], EncodedAvatar]:
    def encode(content: bytes) -> EncodedAvatar:
        running.append(1)
        gate.wait(5)
        return EncodedAvatar(content, "image/jpeg", 1, 1)

    return encode


async def test_pictures_are_drawn_off_the_loop() -> None:
    encoder = AvatarEncoder()
    try:
        avatar = await encoder.encode(plain())
        assert (avatar.width, avatar.height) == (30, 30)
        with pytest.raises(errors.RequestInvalid):
            await encoder.encode(b"nothing")
    finally:
        encoder.close()


async def test_two_are_drawn_at_once_and_beyond_the_queue_nobody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate, running = threading.Event(), list[int]()
    monkeypatch.setattr(encoding, "encode_avatar", _slow(gate, running))
    encoder = AvatarEncoder(at_once=2, waiting=3)
    try:
        waiting = [asyncio.create_task(encoder.encode(bytes([n]))) for n in range(5)]
        await asyncio.sleep(0.05)
        with pytest.raises(errors.RateLimited) as refused:
            await encoder.encode(b"x")
        assert refused.value.retry_after == 1
        assert len(running) == 2
        gate.set()
        done = await asyncio.gather(*waiting)
        assert [avatar.content for avatar in done] == [bytes([n]) for n in range(5)]
        assert (await encoder.encode(b"y")).content == b"y"
    finally:
        encoder.close()


async def test_who_hangs_up_frees_no_place_while_the_picture_is_still_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else hanging up and asking again would fill the threads' queue without end."""
    gate, running = threading.Event(), list[int]()
    monkeypatch.setattr(encoding, "encode_avatar", _slow(gate, running))
    encoder = AvatarEncoder(at_once=1, waiting=1)
    try:
        drawn = asyncio.create_task(encoder.encode(b"1"))
        queued = asyncio.create_task(encoder.encode(b"2"))
        await asyncio.sleep(0.05)
        drawn.cancel()
        await asyncio.sleep(0.01)
        with pytest.raises(errors.RateLimited):
            await encoder.encode(b"3")
        queued.cancel()  # that one had not begun, so its place is free at once
        await asyncio.sleep(0.01)
        another = asyncio.create_task(encoder.encode(b"4"))
        await asyncio.sleep(0.01)
        gate.set()
        assert (await another).content == b"4"
        assert len(running) == 2
    finally:
        gate.set()
        encoder.close()


def test_without_pillow_the_line_to_type_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(PillowMissing, match=r'pip install "wxlogin\[avatars\]"'):
        AvatarEncoder()
