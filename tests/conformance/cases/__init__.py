"""The golden cases: requests as data, and what must come back, one module a part of a dialect."""
