"""Benchmarks, each read into the same cases; one file a benchmark."""
