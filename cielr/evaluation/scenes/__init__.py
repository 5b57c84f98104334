"""A benchmark of rendered scenes whose truth is known to the pixel."""
