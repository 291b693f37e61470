"""Tests of the V2 protocol over gRPC."""
