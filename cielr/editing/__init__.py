"""From an image and its regions to the edited image; outside the regions not one sample changes.

In: an image, regions, and whoever paints. Out: the image, and what was measured of each change. Open `executor.py`
first.
"""
