"""Ports for programs that a page starts with a port of its own."""

import socket


def free_port() -> str:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return str(listening.getsockname()[1])
