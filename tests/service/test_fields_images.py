"""Image fields: rows of pixels, or the base64 of an 8-bit grey PNG."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from service import fields
from service.errors import BadInput, ServiceError, WrongShape, WrongType
from service.records import RecordCodec
from tests.toy_signatures import every_kind, field, output, result, signature, tensor

SHAPE = (3, 4)
pixels = arrays.arrays(np.uint8, SHAPE)
GREY = np.arange(12, dtype=np.uint8).reshape(SHAPE) * 20
CODEC = RecordCodec(
    signature(
        inputs=[tensor("x", "UINT8", SHAPE)],
        outputs=[output()],
        fields=[field("image", "picture", ("x", None))],
        result=[result("values", "all")],
    )
)


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture's file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG, with its sum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 4, height: int = 3, depth: int = 8, colour: int = 0, rows: bytes | None = None) -> bytes:
    """A PNG whose head says what it is told to say."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = b"".join(b"\0" + bytes(row) for row in GREY) if rows is None else rows
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def decode(picture: Any) -> np.ndarray:
    """The pixels that a record's picture becomes."""
    text = base64.b64encode(picture).decode() if isinstance(picture, bytes) else picture
    return CODEC.decode([{"picture": text}])["x"][0]


@given(pixels)
def test_a_png_and_its_rows_are_the_same_image(image: np.ndarray) -> None:
    """Decoding is the inverse of encoding, whichever of the two forms was sent."""
    assert np.array_equal(decode(encoded(Image.fromarray(image))), image)
    assert np.array_equal(decode(image.tolist()), image)


@pytest.mark.parametrize("options", [{"compress_level": 0}, {"optimize": True}, {"dpi": (72, 72)}])
def test_how_a_png_was_written_does_not_matter(options: dict[str, Any]) -> None:
    """Compression and notes beside the pixels change nothing."""
    assert np.array_equal(decode(encoded(Image.fromarray(GREY), **options)), GREY)


REFUSED: dict[str, tuple[bytes, type[BadInput], str]] = {
    "RGB": (encoded(Image.new("RGB", (4, 3))), WrongType, "8 bits and RGB"),
    "RGBA": (encoded(Image.new("RGBA", (4, 3))), WrongType, "8 bits and RGB with transparency"),
    "LA": (encoded(Image.new("LA", (4, 3))), WrongType, "8 bits and grey with transparency"),
    "P": (encoded(Image.new("P", (4, 3))), WrongType, "a palette"),
    "16 bits": (encoded(Image.new("I;16", (4, 3))), WrongType, "16 bits and grey"),
    "1 bit": (encoded(Image.new("1", (4, 3))), WrongType, "1 bits and grey"),
    "2 bits": (png(depth=2, rows=b"\0\0" * 3), WrongType, "2 bits and grey"),
    "4 bits": (png(depth=4, rows=b"\0\0\0" * 3), WrongType, "4 bits and grey"),
    "unknown colours": (png(colour=9), WrongType, "unknown colours"),
    "turned": (encoded(Image.new("L", (3, 4))), WrongShape, "3 x 4 pixels"),
    "too small": (encoded(Image.new("L", (1, 1))), WrongShape, "1 x 1 pixels"),
    "of equal area": (encoded(Image.new("L", (6, 2))), WrongShape, "6 x 2 pixels"),
    "no width": (png(width=0), WrongShape, "0 x 3 pixels"),
    "large": (png(10_000, 10_000), WrongShape, "10000 x 10000 pixels"),
    "bomb": (png(2**31 - 1, 2**31 - 1), WrongShape, "2147483647 x 2147483647 pixels"),
    "JPEG": (encoded(Image.new("L", (4, 3)), "JPEG"), WrongType, "something else"),
    "GIF": (encoded(Image.new("L", (4, 3)), "GIF"), WrongType, "something else"),
    "BMP": (encoded(Image.new("L", (4, 3)), "BMP"), WrongType, "something else"),
    "nothing": (b"", WrongType, "something else"),
    "signature only": (png()[:8], WrongType, "something else"),
    "half a head": (png()[:20], WrongType, "something else"),
    "head only": (png()[:33], WrongType, "cannot be read"),
    "truncated": (png()[:50], WrongType, "cannot be read"),
    "too few pixels": (png(rows=b"\0" * 6), WrongType, "cannot be read"),
    "no deflate": (png().replace(b"IDAT\x78", b"IDAT\x00"), WrongType, "cannot be read"),
}


@pytest.mark.parametrize(("data", "fault", "received"), REFUSED.values(), ids=REFUSED)
def test_any_other_picture_is_refused(data: bytes, fault: type[BadInput], received: str) -> None:
    """Another mode, another size, a part of a file or another format is refused, and the message says which."""
    with pytest.raises(fault) as caught:
        decode(data)
    assert caught.value.place == "records[0].picture"
    assert received in str(caught.value.received)
    assert caught.value.expected == "the base64 of an 8-bit grey PNG of 4 x 3 pixels"


@pytest.mark.parametrize("name", ["large", "bomb", "RGB", "16 bits", "turned", "JPEG"])
def test_a_wrong_head_is_refused_before_the_picture_is_opened(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nothing is decoded, and so nothing allocated, for a picture whose head already rules it out."""
    opened: list[Any] = []
    monkeypatch.setattr(fields.Image, "open", lambda *given, **options: opened.append(given))
    with pytest.raises((WrongShape, WrongType)):
        decode(REFUSED[name][0])
    assert opened == []


@pytest.mark.parametrize("text", ["!", "aGk", "aGk=\n", "aGk = ", "é", "data:image/png;base64,aGk=", "\x00", "===="])
def test_bad_base64_is_refused(text: str) -> None:
    """Only the standard alphabet with padding, and nothing around it, is base64."""
    with pytest.raises(WrongType, match=r"^Expected the base64 of .* Received something else at records\[0\]\.picture"):
        decode(text)


@given(st.data())
def test_a_damaged_png_is_refused_or_of_the_right_size(data: st.DataObject) -> None:
    """Bytes changed, cut off or put in anywhere never make decoding fail otherwise than by refusal."""
    whole = bytearray(png())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    name = data.draw(st.sampled_from([b"acTL", b"fcTL", b"tRNS", b"PLTE", b"zTXt", b"iTXt", b"iCCP", b"IHDR", b"eXIf"]))
    with_chunk = png()[:33] + chunk(name, data.draw(st.binary(max_size=30))) + png()[33:]
    for damaged in (bytes(whole), with_chunk):
        try:
            found = decode(damaged)
        except (WrongType, WrongShape):
            continue
        assert found.shape == SHAPE


def test_a_second_head_cannot_change_the_size() -> None:
    """A PNG that contradicts its own head is refused."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 6, 2, 8, 0, 0, 0, 0))
    with pytest.raises((WrongType, WrongShape)):
        decode(png()[:33] + head + png(6, 2, rows=b"\0" * 14)[33:])


ROWS: dict[str, tuple[Any, str, str]] = {
    "too large": ([[0, 0, 0, 256], [0] * 4, [0] * 4], "out_of_range", "records[0].picture[0][3]"),
    "negative": ([[0] * 4, [-1, 0, 0, 0], [0] * 4], "out_of_range", "records[0].picture[1][0]"),
    "fraction": ([[0] * 4, [0] * 4, [0, 0.5, 0, 0]], "wrong_type", "records[0].picture[2][1]"),
    "ragged": ([[0] * 4, [0] * 3, [0] * 4], "ragged_rows", "records[0].picture"),
    "turned": ([[0] * 3] * 4, "wrong_shape", "records[0].picture"),
    "flat": ([0] * 12, "wrong_type", "records[0].picture"),
    "empty": ([], "wrong_shape", "records[0].picture"),
    "null": (None, "wrong_type", "records[0].picture"),
    "a number": (7, "wrong_type", "records[0].picture"),
    "an object": ({"b64": "aGk="}, "wrong_type", "records[0].picture"),
    "text inside": ([["0"] * 4] * 3, "wrong_type", "records[0].picture"),
    "one list too many": ([[[0]] * 4] * 3, "wrong_type", "records[0].picture"),
}


@pytest.mark.parametrize(("rows", "code", "place"), ROWS.values(), ids=ROWS)
def test_rows_of_anything_but_pixels_are_refused(rows: Any, code: str, place: str) -> None:
    """Pixels are whole numbers from 0 to 255 in as many rows and columns as the field has."""
    with pytest.raises(ServiceError) as caught:
        decode(rows)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_an_image_stands_among_other_fields() -> None:
    """An image fills its own input and leaves the others to their fields."""
    codec = every_kind().records
    assert codec is not None
    record = {"size": 1, "count": 2, "start": "00:03", "day": "2013-01-01", "picture": GREY.tolist()}
    inputs = codec.decode([record, record])
    assert np.array_equal(inputs["picture"], [GREY, GREY])
    assert inputs["x"].tolist() == [[1, 2, 1, 3, 15706]] * 2
