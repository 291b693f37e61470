"""Tests of the benchmark: its harness on servers of this process, its client on a stand-in where that will do."""
