"""The servers of the benchmark."""
