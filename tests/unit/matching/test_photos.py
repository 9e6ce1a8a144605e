from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from matching.errors import UnusablePhoto
from matching.offers.photos import MAX_BYTES, MAX_SIDE_PX, clean_photo


def picture(fmt: str, size: tuple[int, int] = (320, 200), mode: str = "RGB") -> bytes:
    output = io.BytesIO()
    image = Image.new(mode, size)
    exif = image.getexif()
    exif[0x0112] = 6
    exif[0x010E] = "17 Imaginary Street"
    exif.get_ifd(0x8825)[1] = "N"
    image.save(output, fmt, exif=exif)
    return output.getvalue()


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP"])
def test_place_camera_and_text_are_gone(fmt: str) -> None:
    data = picture(fmt)
    assert b"Imaginary" in data

    clean = clean_photo(data)

    assert b"Imaginary" not in clean.content
    with Image.open(io.BytesIO(clean.content)) as again:
        assert again.format == "JPEG"
        assert not again.getexif()
        assert not again.info.get("comment")
        # Orientation 6 was applied before it was thrown away.
        assert again.size == (200, 320) == (clean.width_px, clean.height_px)


def test_large_picture_is_made_smaller() -> None:
    clean = clean_photo(picture("JPEG", (4_000, 3_000)))
    assert max(clean.width_px, clean.height_px) == MAX_SIDE_PX


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1"])
def test_pictures_of_other_modes(mode: str) -> None:
    output = io.BytesIO()
    Image.new(mode, (40, 30)).save(output, "PNG")
    assert clean_photo(output.getvalue()).width_px == 40


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that would become a picture of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 1_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"GIF89a" + b"\x00" * 40,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        picture("JPEG")[:200],
        png_that_claims(30_000, 30_000),
        png_that_claims(7_000, 7_000),
        b"x" * (MAX_BYTES + 1),
    ],
)
def test_what_cannot_be_used_is_refused(data: bytes) -> None:
    with pytest.raises(UnusablePhoto):
        clean_photo(data)
