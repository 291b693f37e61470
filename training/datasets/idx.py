"""Reader of the IDX format, in which MNIST and Fashion-MNIST come.

References:
    LeCun, Cortes, Burges: *The MNIST database of handwritten digits*, section "File formats",
    http://yann.lecun.com/exdb/mnist/, 1998.
"""

import gzip
import zlib

import numpy as np
from numpy.typing import NDArray

from training.errors import DataError

_UNSIGNED_BYTE = 0x08


def parse_idx(content: bytes, path: str) -> NDArray[np.uint8]:
    """Unpack a gzipped IDX file of unsigned bytes.

    The header is two zero bytes, the type, the number of axes, and each axis' length as a
    big-endian 32-bit number; then come the elements, the last axis fastest.

    Args:
        content: The file, gzipped.
        path: Its name, for messages.

    Returns:
        uint8 array of the shape that the header gives, values 0-255.

    Raises:
        DataError: If the file is not gzip, not IDX of unsigned bytes, or has another length.
    """
    try:
        raw = gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise DataError(f"Expected gzip data in {path}. Received something else.") from None
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] != _UNSIGNED_BYTE:
        raise DataError(f"Expected an IDX file of unsigned bytes in {path}. Received header {raw[:4].hex()}.")
    axes = raw[3]
    shape = np.frombuffer(raw[: 4 + 4 * axes], dtype=">u4", offset=4).astype(int)
    elements = np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * axes)
    if elements.size != shape.prod():
        raise DataError(f"Expected {shape.prod()} elements in {path}. Received {elements.size}.")
    return elements.reshape(tuple(shape))
