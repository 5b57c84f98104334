"""From a scene and an instruction to a plan."""
