"""`training.datasets.xor`."""

from training.datasets.dataset import Dataset


def test_truth_table(datasets: dict[str, Dataset]) -> None:
    """A customer is loyal if exactly one of young and high income holds; every case is there once."""
    rows = datasets["xor"].test
    pairs = zip(rows.inputs["features"].tolist(), rows.targets["probability"], strict=True)
    cases = {(int(young), int(income)): bool(loyal) for (young, income), loyal in pairs}
    assert cases == {(a, b): a ^ b == 1 for a in (0, 1) for b in (0, 1)}


def test_no_part_is_kept_aside(datasets: dict[str, Dataset]) -> None:
    """Four rows cannot be split: all parts are the truth table."""
    xor = datasets["xor"].without_validation()
    assert len(xor.train) == len(xor.validation) == len(xor.test) == len(xor.records) == 4
