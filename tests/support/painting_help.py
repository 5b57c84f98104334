"""Shared by the tests of painting with diffusers: tiny pipelines of the real classes, and no network."""

import socket

import numpy as np
import pytest

pytest.importorskip("diffusers")

import tiny_pipelines
import torch
from things import noise

# tiny models gain nothing from threads, and lose much where others use the machine
torch.set_num_threads(1)

NAMES = tuple(tiny_pipelines.MAKERS)
SIDE = 64


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("The network was asked for.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def picture(height=333, width=517, seed=0, dtype=np.uint8):
    return noise(height, width, seed, dtype)


def hole(height=333, width=517, box=(150, 100, 300, 200)):
    x0, y0, x1, y1 = box
    mask = np.zeros((height, width), dtype=np.float32)
    mask[y0:y1, x0:x1] = 1
    return mask


def paint(painter, image, mask, prompt="a red cup", negative="blurry", strength=1.0, seed=7, on_step=None):
    return painter.inpaint(image, mask, prompt, negative, strength, seed, on_step)


def network(painter):
    pipe = painter._pipe
    return getattr(pipe, "unet", None) or pipe.transformer
