"""A service on a bad day. By a seed, some answers are cut, wrong, slow or unasked; the journal has what each request did."""

import contextlib
import json
import random
import socket
import threading
from collections.abc import Callable

from Peers import faults
from Peers.disturbance import Disturbance
from Peers.exchange import Exchange, render
from Peers.model import Answer
from Peers.service import Peer

from .journal import Journal, Sending

LOST = [502, 504, 520, 521, 522, 523, 524, 525, 526, 530]
REJECTIONS = [400, 401, 403, 404, 409, 418, 422, 302, 501, 505]
UNUSABLE = [b"<!DOCTYPE html><html></html>", b"not JSON", b"[]", b'{"message":7,"url":7,"enabled":7}', b""]
#: Seconds; no call of a history has more.
LONGEST_CALL = 1.6
UNASKED = Answer(200, b'{"message":"nobody asked for this","url":"https://unasked.example.com/"}')

Way = Callable[[Exchange, Sending, random.Random], None]


class Disturbances(Disturbance):
    """A complete 500 or 503 comes from a service that did nothing, or that shows at once what it did (`shows_at_once`): for any
    other, contract.md has a client say `not_applied`. A 404 to a reading may mean that nothing is set (`may_say_unset`), which a
    fleet would have to believe.
    """

    def __init__(self, peer: Peer, seed: str, rate: float, *, shows_at_once: bool, may_say_unset: bool) -> None:
        super().__init__(seed)
        self.journal = Journal()
        #: These keys get nothing but 429.
        self.limited: set[str] = set()
        self.rate = rate
        self._peer, self._shows_at_once, self._may_say_unset = peer, shows_at_once, may_say_unset
        self._on_their_way: list[threading.Timer] = []
        self._unasked: list[tuple[socket.socket, bytes]] = []
        self._ways: list[tuple[int, Way]] = [
            (6, self._cut), (3, self._lost), (3, self._clear), (3, self._later), (3, self._accepted), (3, self._rejected),
            (2, self._unusable), (1, self._silent), (4, self._slow), (4, self._with_unasked),
        ]  # fmt: skip
        peer.script.when(lambda request: True, self)

    def drain(self) -> None:
        """Returns when no request is being answered or on its way any more."""
        super().drain()
        with self._lock:
            timers, self._on_their_way = self._on_their_way, []
        for timer in timers:
            timer.join()

    def send_unasked(self) -> None:
        """Sends the answers that nobody asked for. Only between calls: amid one, no client could tell them from its own."""
        with self._lock:
            unasked, self._unasked = self._unasked, []
        for connection, data in unasked:
            with contextlib.suppress(OSError):
                connection.sendall(data)

    def meet(self, exchange: Exchange) -> None:
        sending = self.journal.add(exchange.request)
        if sending.key in self.limited:
            self._answer(exchange, sending, Answer(429, b'{"error":"slow down"}'))
            return
        chance = self.chance(f"{sending.writer} {sending.received.fields.get('d360-api-key')} {sending.received.line}")
        way: Way = self._fine
        if chance.random() < self.rate:
            way = chance.choices([way for _, way in self._ways], [weight for weight, _ in self._ways])[0]
        way(exchange, sending, chance)

    # What the service does

    def _take(self, sending: Sending) -> Answer:
        request = sending.received
        fields = {**request.fields, "d360-api-key": sending.key}
        answer = self._peer.service.perform(request.method, request.target, fields, request.body)
        sending.taken = answer
        return answer

    def _perhaps(self, sending: Sending, chance: random.Random) -> Answer:
        """The service takes it now, never, or after its sender has given it up. The answer that it has, or would have."""
        fates = ["now", "never"]
        # One that takes webhooks which were set after it was sent is beyond what a client can help.
        if not sending.received.is_reading and b"override_all" not in sending.received.body:
            fates.append("late")
        fate = chance.choice(fates)
        if fate == "now":
            return self._take(sending)
        if fate == "late":
            timer = threading.Timer(chance.uniform(0.05, 0.4), self._take, [sending])
            with self._lock:
                self._on_their_way.append(timer)
            timer.start()
        return Answer(200, b'{"message":"Operation started successfully"}')

    def _answer(self, exchange: Exchange, sending: Sending, answer: Answer, *, is_usable: bool = True) -> None:
        # Before it goes out: its receiver may be checked at once.
        sending.code, sending.content, sending.is_usable = answer.code, answer.body, is_usable
        exchange.answer(answer)

    # How it answers

    def _fine(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        self._answer(exchange, sending, self._take(sending))

    def _cut(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        whole = render(self._perhaps(sending, chance))
        exchange.send(whole[: chance.randrange(len(whole))])
        if chance.random() < 0.5:
            exchange.sleep(0.01)  # a reset makes the other side drop what it has not read yet
            exchange.reset()
        else:
            exchange.hang_up()

    def _lost(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        self._perhaps(sending, chance)
        self._answer(exchange, sending, Answer(chance.choice(LOST), *_words(sending, chance)))

    def _clear(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        if self._shows_at_once and chance.random() < 0.3:
            self._take(sending)
        self._answer(exchange, sending, Answer(chance.choice([500, 503]), *_words(sending, chance)))

    def _later(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        if self._peer.service.voice == "ours" and chance.random() < 0.3:
            content = b'{"error":"the database is locked","status":"D360_STORAGE_ERROR"}'
            if not sending.received.is_reading and chance.random() < 0.5:
                self._perhaps(sending, chance)
                content = b'{"error":"lost in a commit","status":"D360_STORAGE_ERROR","outcome":"unknown"}'
            self._answer(exchange, sending, Answer(503, content))
            return
        answer = Answer(chance.choice([429, 408]), *_words(sending, chance))
        if chance.random() < 0.1:
            answer.headers.append(("Retry-After", "1"))
        self._answer(exchange, sending, answer)

    def _accepted(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        answer = self._take(sending)
        if answer.code == 200:
            answer = chance.choice(
                [Answer(201, answer.body), Answer(202, b"", []), Answer(202, answer.body), Answer(204, b"", [])]
            )
        self._answer(exchange, sending, answer)

    def _rejected(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        code = chance.choice(REJECTIONS)
        if code == 404 and sending.received.is_reading and not self._may_say_unset:
            code = 400
        answer = Answer(code, *_words(sending, chance))
        if answer.code == 302:
            answer.headers.append(("Location", self._peer.url + "/elsewhere"))
        self._answer(exchange, sending, answer)

    def _unusable(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        self._perhaps(sending, chance)
        self._answer(exchange, sending, Answer(200, chance.choice(UNUSABLE)), is_usable=False)

    def _silent(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        self._perhaps(sending, chance)
        # A client that took an unasked answer for this one keeps the connection and would leave it open for ever.
        exchange.connection.settimeout(2 * LONGEST_CALL)
        exchange.wait_for_hang_up()
        exchange.hang_up()

    def _slow(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        if chance.random() < 0.5:
            answer = self._take(sending)
            exchange.sleep(chance.uniform(0.02, 0.1))
        else:
            exchange.sleep(chance.uniform(0.02, 0.1))
            answer = self._take(sending)
        self._answer(exchange, sending, answer)

    def _with_unasked(self, exchange: Exchange, sending: Sending, chance: random.Random) -> None:
        answer = self._take(sending)
        if chance.random() < 0.5:
            self._answer(exchange, sending, answer)
            with self._lock:
                self._unasked.append((exchange.connection, render(UNASKED)))
        else:
            sending.code, sending.content = answer.code, answer.body
            exchange.send(render(answer) + render(UNASKED))


def _words(sending: Sending, chance: random.Random) -> tuple[bytes, list[tuple[str, str]]]:
    """A body in one of the shapes that errors have; some repeat all that the request held."""
    told = f"cannot take {sending.received.body.decode()} of {sending.key}"
    text = told if chance.random() < 0.4 else "not now"
    bodies: list[bytes] = [
        json.dumps(one).encode()
        for one in (
            {"error": text}, {"message": text}, {"error": {"message": text, "code": 1}}, {"detail": text},
            {"meta": {"success": False, "developer_message": text, "details": [{"developer_message": text}]}},
        )
    ]  # fmt: skip
    if chance.random() < 0.2:
        return f"<!DOCTYPE html><html><title>Attention</title><body>{text}</body></html>".encode(), [
            ("Content-Type", "text/html")
        ]
    return chance.choice([*bodies, b""]), list(faults.JSON)
