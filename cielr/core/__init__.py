"""What every stage carries: boxes and masks, the scene, canonical JSON, pixels as arrays, names of colours.

In: nothing of the package but its errors. Out: `Scene`, `Box`, `Mask` and small pure functions. Open `scene.py` first.
"""
