"""From an image to a scene, and from a question to what can be seen."""
