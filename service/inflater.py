"""A compressed body inflated while it comes, a bounded piece at a time: a bomb is only ever a piece long."""

from __future__ import annotations

import zlib

from service.compression import WINDOW
from service.errors import MalformedRequest

PIECE_BYTES = 64 * 1024


class Inflater:
    """Turns what arrives into what was meant.

    Args:
        encoding: A key of ``WINDOW``; None for none.
    """

    def __init__(self, encoding: bytes | None) -> None:
        self._encoding = encoding
        self._what = (encoding or b"no coding").decode()
        self._data = b""
        self._inflate = self._member()

    def _member(self) -> zlib._Decompress | None:
        return None if self._encoding is None else zlib.decompressobj(WINDOW[self._encoding])

    @property
    def pending(self) -> bool:
        """Whether there is more to be had without new data."""
        return bool(self._data)

    def feed(self, data: bytes) -> None:
        """Take what has arrived; what came before must have been had."""
        self._data = data

    def piece(self) -> bytes:
        """The next bytes of the body: all that were fed, or at most ``PIECE_BYTES`` of what they inflate to.

        Raises:
            MalformedRequest: They are not in the encoding.
        """
        if self._inflate is None:
            data, self._data = self._data, b""
            return data
        if self._inflate.eof:  # gzip files that are put behind each other are one file
            self._inflate = self._member()
            assert self._inflate is not None
        try:
            plain = self._inflate.decompress(self._data, PIECE_BYTES)
        except zlib.error:
            raise MalformedRequest(f"Expected a body in {self._what}. Received other bytes.") from None
        self._data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        return plain

    def end(self) -> None:
        """The body is complete.

        Raises:
            MalformedRequest: It breaks off.
        """
        if self._inflate is not None and not self._inflate.eof:
            raise MalformedRequest(f"Expected one whole body in {self._what}. Received a part.")
