"""Images moved at random: shifted, turned, stretched, sheared, by one affine map each, a batch in one operation."""

import math

import tensorflow as tf

from training.config import Augmentation

_NUMBERS_PER_IMAGE = 6


def draw(seed: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """The random numbers that move a batch: the same for the same seed and number of images.

    Args:
        seed: int64, shape (2,).
        images: How many; a scalar.

    Returns:
        float32, shape (images, 6), evenly spread over -1 to 1.
    """
    # An image's numbers stand together, so that a share of the batch can be cut out.
    return tf.random.stateless_uniform((images, _NUMBERS_PER_IMAGE), seed, -1.0, 1.0)


def move(images: tf.Tensor, drawn: tf.Tensor, how: Augmentation) -> tf.Tensor:
    """Move each image its own way. Between pixels brightness is bilinear, outside the image it is black.

    Args:
        images: uint8, shape (rows, height, width).
        drawn: float32, shape (rows, 6), -1 to 1; zeros leave the images as they are.
        how: The largest movements.

    Returns:
        uint8, shape (rows, height, width).
    """
    height, width = images.shape[1:]
    moved = tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32)[..., None],
        transforms=_transforms(drawn, how, (width - 1) / 2, (height - 1) / 2),
        output_shape=(height, width),
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return tf.cast(tf.round(moved[..., 0]), tf.uint8)


def _transforms(drawn: tf.Tensor, how: Augmentation, x_middle: float, y_middle: float) -> tf.Tensor:
    """From a pixel of the result to its place in the source: x' = ax + by + c, y' = dx + ey + f, as a b c d e f 0 0.

    The matrix is a turn times a shear of rows times the stretch of both axes, about the middle of the image.
    """
    turn, x_zoom, y_zoom, shear, x_shift, y_shift = tf.unstack(drawn, axis=1)
    angle = turn * math.radians(how.rotation_degrees)
    x_scale, y_scale = 1 + x_zoom * how.zoom, 1 + y_zoom * how.zoom
    sheared = shear * how.shear
    a, d = tf.cos(angle) * x_scale, tf.sin(angle) * x_scale
    b = (tf.cos(angle) * sheared - tf.sin(angle)) * y_scale
    e = (tf.sin(angle) * sheared + tf.cos(angle)) * y_scale
    c = x_middle - a * x_middle - b * y_middle + x_shift * how.shift_px
    f = y_middle - d * x_middle - e * y_middle + y_shift * how.shift_px
    zero = tf.zeros_like(a)
    return tf.stack([a, b, c, d, e, f, zero, zero], axis=1)
