"""What we do not know survives: in requests and in answers, byte for byte."""

import gzip
import zlib

import pytest
from Peers import faults
from Peers.exchange import Exchange
from Peers.service import Peer

from Remote.calling import READING, Client, between, failed, succeeded

ANSWERS = [
    (
        "multi_webhook_get",
        '\n{ "enabled" : true ,\t"destinations":[ {"name":"crm","url":"https://h.example.com",'
        '"id":9223372036854775807} ],"beta":null}\r\n ',
    ),
    ("multi_webhook_get", '{"destinations":[{"headers":{"A":"\\u00fc\\/"}}],"enabled":false,"limits":{"max":3.0,"e":1E2}}'),
    ("multi_webhook_get", '{"destinations":[{}]}'),
    ("customer_webhook_get", '{"url":"https://h.example.com","headers":{"A":"b"},"since":-9223372036854775808}'),
    ("customer_webhook_get", '{"updated_by":"ü🙂"}'),
    ("waba_webhook_get", '{"waba_id":9223372036854775807,"numbers_on_this_waba":[],"x":[1,2,{"y":[]}]}'),
    ("waba_webhook_get", '{"waba_id":   123065260884961}'),
    ("waba_webhook_get", "{}"),
    ("waba_webhook_get", '{"url": "https://h.example.com/w", "headers": null, "waba_id": 7, "numbers_on_this_waba": ["1"]}'),
    ("waba_webhook_get", '{"url":null,"headers":null,"waba_id":null,"numbers_on_this_waba":null}'),
    ("multi_webhook_get", '{"enabled": false, "destinations": null}'),
    ("multi_webhook_get", '{"enabled":null,"destinations":[{"name":"a","url":null,"headers":null}]}'),
    ("customer_webhook_get", '{"url": null, "headers": null}'),
]
REQUESTS = [
    ("multi_webhook_set", '{ "enabled":true,"dry_run":false,"big":9223372036854775807 }'),
    ("multi_webhook_append", '{"destinations":[{"name":"crm","url":"https://h.example.com/x","ttl":9007199254740993}],"z":null}'),
    ("multi_webhook_update", '{"name":"crm","url":"https://h.example.com/x","weight":1.50,"\\u00e4":"\\u00fc"}'),
    ("multi_webhook_update", '{"name":"crm"}'),
    ("customer_webhook_set", '\n\t{"url":"https://h.example.com/x","events":["messages","statuses"]}\n'),
    ("waba_webhook_set", '{"url":"https://h.example.com/x","waba_id":123065260884961}'),
    ("multi_webhook_append", '{"destinations":[]}'),
    ("multi_webhook_set", '{"enabled":false,"destinations":[]}'),
]


@pytest.mark.parametrize(("function", "text"), ANSWERS)
def test_an_answer_to_a_reading_comes_byte_for_byte(function: str, text: str) -> None:
    with between(READING) as (peer, client):
        peer.script.every_reading(faults.body(text.encode()))
        result = client.call(function)
        succeeded(result)
        assert result.text == text


@pytest.mark.parametrize("text", ['{"message":"ok","operation_id":9223372036854775807} ', "{}", '{"url":"x"}'])
@pytest.mark.parametrize(("function", "request_text"), REQUESTS)
def test_an_answer_to_a_write_comes_byte_for_byte(function: str, request_text: str, text: str) -> None:
    with between(READING) as (peer, client):
        peer.script.every_write(faults.body(text.encode(), taken=False))
        result = client.call(function, request_text)
        succeeded(result)
        assert result.text == text


@pytest.mark.parametrize(("function", "text"), REQUESTS)
def test_a_request_arrives_byte_for_byte(function: str, text: str) -> None:
    with between(READING) as (peer, client):
        peer.script.every_write(faults.body(b"{}", taken=False))
        succeeded(client.call(function, text))
        assert [request.body for request in peer.record] == [text.encode()]


def test_a_repeated_request_arrives_byte_for_byte_too() -> None:
    with between(READING) as (peer, client):
        peer.script.writes(faults.cut_before_status())
        succeeded(client.call("customer_webhook_set", ' {"url" : "https://h.example.com/x" } '))
        assert [request.body for request in peer.record.writes] == [b' {"url" : "https://h.example.com/x" } '] * 2


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_answer_is_the_same_answer(encoding: str) -> None:
    text = '{ "enabled":true, "destinations":[], "more": "' + "x" * 2_000 + '" }'
    packed = gzip.compress(text.encode()) if encoding == "gzip" else zlib.compress(text.encode())
    with between(READING) as (peer, client):
        peer.script.readings(faults.body(packed, headers=[*faults.JSON, ("Content-Encoding", encoding)]))
        assert client.run(READING).text == text


@pytest.mark.parametrize("framing", ["chunked", "until the end of the connection"])
def test_however_an_answer_is_framed_it_is_the_same(framing: str) -> None:
    text = b'{"enabled":true,"destinations":[]}'
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (text[:7], text[7:])) + b"0\r\n\r\n"

    def fault(exchange: Exchange) -> None:
        if framing == "chunked":
            exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
        else:
            exchange.send(b"HTTP/1.0 200 OK\r\n\r\n" + text)
            exchange.hang_up()

    with between(READING) as (peer, client):
        peer.script.readings(fault)
        assert client.run(READING).text == text.decode()


def test_a_chunked_answer_without_its_end_is_no_answer() -> None:
    def fault(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
        exchange.hang_up()

    with between(READING) as (peer, client):
        peer.script.every_reading(fault)
        failed(client.run(READING), "D360_NETWORK_ERROR", retryable=True)


def test_an_interim_answer_is_skipped() -> None:
    def fault(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with between(READING) as (peer, client):
        peer.script.readings(fault)
        assert client.run(READING).text == "{}"


WRONG = [
    ("multi_webhook_get", '{"enabled":1}'),
    ("multi_webhook_get", '{"destinations":{}}'),
    ("multi_webhook_get", '{"destinations":["crm"]}'),
    ("multi_webhook_get", '{"destinations":[{"name":7}]}'),
    ("multi_webhook_get", '{"destinations":[{"headers":[]}]}'),
    ("multi_webhook_get", '{"destinations":[{"headers":{"A":1}}]}'),
    ("customer_webhook_get", '{"url":["https://h.example.com"]}'),
    ("waba_webhook_get", '{"waba_id":"123065260884961"}'),
    ("waba_webhook_get", '{"waba_id":123065260884961.0}'),
    ("waba_webhook_get", '{"waba_id":1e15}'),
    ("waba_webhook_get", '{"numbers_on_this_waba":[49301234]}'),
    ("waba_webhook_get", '{"headers":"none"}'),
]


@pytest.mark.parametrize(("function", "text"), WRONG)
def test_a_documented_member_of_another_type_is_a_protocol_error(function: str, text: str) -> None:
    with between(READING) as (peer, client):
        peer.script.every_reading(faults.body(text.encode()))
        error = failed(client.call(function), "D360_PROTOCOL_ERROR", retryable=False)
        assert error["http_status"] == 200


def test_depth_64_in_an_answer_is_fine() -> None:
    text = '{"x":' + "[" * 63 + "]" * 63 + "}"
    with between(READING) as (peer, client):
        peer.script.readings(faults.body(text.encode()))
        assert client.run(READING).text == text


@pytest.mark.parametrize(("size", "status"), [(1_000, "D360_OK"), (1_001, "D360_PROTOCOL_ERROR")])
@pytest.mark.parametrize("compressed", [False, True])
def test_max_response_bytes_counts_after_decompression(size: int, status: str, compressed: bool) -> None:
    text = b'{"x":"' + b"y" * (size - 8) + b'"}'
    headers = [*faults.JSON, ("Content-Encoding", "gzip")] if compressed else faults.JSON
    with between(READING, max_response_bytes=1_000) as (peer, client):
        peer.script.readings(faults.body(gzip.compress(text) if compressed else text, headers=headers))
        assert client.run(READING).status == status


BAD = [
    ("multi_webhook_append", '{"destinations":[{"name":"a","url":"https://a.example"},{"name":"a","url":"https://b.example"}]}'),
    ("multi_webhook_append", '{"destinations":[{"url":"https://h.example.com"}]}'),
    ("multi_webhook_append", '{"destinations":null}'),
    ("multi_webhook_set", "{}"),
    ("multi_webhook_set", '{"enabled":"yes"}'),
    ("multi_webhook_update", '{"url":"https://h.example.com"}'),
    ("customer_webhook_set", '{"url":"https://h.example.com:443"}'),
    ("customer_webhook_set", '{"url":"http://h.example.com"}'),
    ("customer_webhook_set", '{"url":"https://h_.example.com"}'),
    ("customer_webhook_set", '{"url":"https://h.example.com","headers":{"A B":"c"}}'),
    ("customer_webhook_set", '{"url":"https://h.example.com","headers":{"A":"c\\r\\nB: d"}}'),
    ("customer_webhook_set", '{"url":"https://h.example.com","headers":null}'),
    ("waba_webhook_set", '{"url":"https://h.example.com","override_all":null}'),
    ("waba_webhook_set", '{"url":"https://h.example.com","url":"https://h.example.com"}'),
    ("waba_webhook_set", "null"),
    ("waba_webhook_set", '{"url":"https://h.example.com"'),
]


@pytest.mark.parametrize(("function", "text"), BAD)
def test_a_request_that_breaks_a_documented_rule_costs_no_round_trip(function: str, text: str) -> None:
    with Peer() as peer, Client(peer.url) as client:
        result = client.call(function, text)
        assert result.status in ("D360_INVALID_REQUEST", "D360_CONFLICT", "D360_MALFORMED_JSON"), result.text
        assert result.error["attempts"] == 0
        assert result.error["outcome"] == "not_applied"
        assert peer.record.connections == 0
