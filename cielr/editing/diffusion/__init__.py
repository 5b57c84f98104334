"""Painting with diffusion models outside ComfyUI.

In: a crop, a mask and a prompt. Out: the crop painted. Open `diffusers_inpainter.py` first.
"""
