"""Websocket frames by hand, so that the client is not tested against its own library."""

from __future__ import annotations

import socket
import struct


def frame(opcode: int, data: bytes) -> bytes:
    if len(data) < 126:
        head = struct.pack(">BB", 0x80 | opcode, len(data))
    elif len(data) < 2**16:
        head = struct.pack(">BBH", 0x80 | opcode, 126, len(data))
    else:
        head = struct.pack(">BBQ", 0x80 | opcode, 127, len(data))
    return head + data


def read_until_close(line: socket.socket) -> None:
    """Answers pings and the goodbye of a client; what else it says is of no use."""

    def read(size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = line.recv(size - len(data))
            if not part:
                raise OSError
            data += part
        return data

    while True:
        first, second = read(2)
        size = second & 127
        size = (
            struct.unpack(">H", read(2))[0] if size == 126 else struct.unpack(">Q", read(8))[0] if size == 127 else size
        )
        mask = read(4) if second & 128 else bytes(4)
        data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(read(size)))
        if first & 15 == 8:
            line.sendall(frame(8, data))
            return
        if first & 15 == 9:
            line.sendall(frame(10, data))
