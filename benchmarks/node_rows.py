# SPDX-License-Identifier: Apache-2.0
"""The rows about the package for Node."""

from contextlib import ExitStack
from pathlib import Path

from rows import API_KEY, AWAITS, SLOW_MS, Result, Setting
from table import compared
from worker import SHARED_CORE, Server, Worker, alternate

SCRIPT = Path(__file__).with_name("remote_node.mjs")
NAMES = ("d360webhook", "fetch")
PEER = "fetch of Node"


def node_reading(setting: Setting) -> Result:
    workers = [Worker(*SHARED_CORE, "node", SCRIPT, name, setting.base_url, API_KEY, "1") for name in NAMES]
    ours, theirs = setting.medians(*workers)
    return Result([compared("remote GET from Node", PEER, ours, theirs, None)], [])


def node_many_reads(setting: Setting) -> Result:
    with ExitStack() as stack:
        server = stack.enter_context(Server(setting.programs / "server", API_KEY, SLOW_MS))
        workers = [stack.enter_context(Worker("node", SCRIPT, name, server.base_url, API_KEY, str(AWAITS))) for name in NAMES]
        rounds = max(3, setting.rounds // 4)
        ours, theirs = alternate(rounds, *(lambda worker=worker: worker.run(AWAITS) * AWAITS for worker in workers))
    what = f"Node, {AWAITS:,} GETs at once, {SLOW_MS} ms service"
    return Result([compared(what, PEER, ours, theirs, None)], [])


MEASURES = (node_reading, node_many_reads)
