"""From an image and its regions to the edited image; outside the regions not one sample changes."""
