"""Data sets: each module has `load(data_dir)`, which reads, checks and splits.

    mnist, fashion    images, idx       28x28 grey images
    flights           flights_signature, columns, weather
    xor               a truth table
    checksum          nothing is read that is not in data/SHA256SUMS
    dataset           what they all return

None of them knows a framework.
"""
