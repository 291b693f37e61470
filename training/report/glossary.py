"""What the metrics mean, for readers who meet them for the first time."""

from collections.abc import Iterable

from training.evaluation.regression import INTERVAL_SHARE

MEANINGS = {
    "rows": "rows that the model was judged by.",
    "correct": "rows answered rightly.",
    "accuracy": "share of rows answered rightly. Larger is better, 1 is all of them.",
    "log_loss": "mean of -log(probability that the answer gives to the true label), in nats. It punishes confident "
    "mistakes. Smaller is better.",
    "expected_calibration_error": "how far, on average, the probability of an answer lies from the share of such "
    "answers that are right. Smaller is better.",
    "median_absolute_error_min": "half of the answers are off by less than this, in minutes.",
    "mae_min": "mean absolute error: how many minutes an answer is off on average, early or late. Smaller is better.",
    "bias_min": "mean of answer - truth, in minutes. Below 0, answers are too low on average.",
    "r2": "share of the variance of the truth that the answers explain. 1 is best; 0 is what the mean, answered "
    "always, would reach.",
    "interval_coverage": f"share of rows whose truth lies in the prediction interval. {INTERVAL_SHARE:g} is promised.",
    "interval_width_min": "mean width of the prediction intervals, in minutes. Smaller is better at equal coverage.",
    "interval_score_min": f"the width plus {2 / (1 - INTERVAL_SHARE):.0f} times the distance of a truth that lies "
    "outside, on average, in minutes. Smaller is better.",
    "largest_difference": "how far any number that the int8 model answers to the test rows lies from the answer of the "
    "same weights in float32, in the output's unit. Smaller is better.",
}
"""By the end of a metric's key."""


def meanings_of(metrics: Iterable[str]) -> dict[str, str]:
    """The ends of these keys that have a meaning, with it, in the order of the glossary."""
    keys = list(metrics)
    return {end: meaning for end, meaning in MEANINGS.items() if any(key.endswith(end) for key in keys)}
