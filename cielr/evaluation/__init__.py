"""Measuring: how often the engine does what was asked."""
