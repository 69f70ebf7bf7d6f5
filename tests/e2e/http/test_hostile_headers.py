"""What no client of good will says in headers: refused, or taken as what it is.

Never a fault of the service, and never a word of how it is built.
"""

import asyncio

import pytest
from a_service_desk import DANA, LENA
from no_word_of_the_insides import INSIDES, refused


@pytest.fixture(scope="module")
async def path(desk):
    """Of something that exists."""
    return f"/incidents/{(await desk.log(DANA))['id']}"


@pytest.mark.parametrize("tag", ["7", "x", '"7', '"7" "8"', "W/7", '"7",', "", '"a"; x'])
async def test_an_if_match_that_is_none_is_refused(tag, desk, path):
    answer = await desk.incident(DANA).post(
        f"{path}/comments", json={"text": "a"}, headers={"If-Match": tag}
    )
    assert refused(answer, 400)["field"] == "If-Match"


@pytest.mark.parametrize("key", ["", "a b", "a" * 256, b"\xc3\xbc", b"\xff", "a\tb"])
async def test_an_idempotency_key_that_is_none_is_refused(key, desk):
    answer = await desk.incident(DANA).post(
        "/incidents", json={"title": "a"}, headers={b"Idempotency-Key": key}
    )
    assert refused(answer, 400)["field"] == "Idempotency-Key"


@pytest.mark.parametrize("number", ["-1", "x", "9" * 30, "1.5", "", b"\xff", "١٢٣", "0x10"])
async def test_a_last_event_id_that_is_none_is_refused(number, desk):
    number = number if isinstance(number, bytes) else number.encode()
    headers = {b"Accept": b"text/event-stream", b"Last-Event-ID": number}
    answer = await desk.incident(DANA).get("/events", headers=headers)
    assert refused(answer, 422)["field"] == "Last-Event-ID"


async def test_headers_without_end_change_nothing(desk, nobody, path):
    wild = (
        {"If-None-Match": '"x",' * 5000},
        {"X-Correlation-Id": "x" * 60_000},
        {"Accept": "text/html;q=" + "9" * 30_000},
        {"Cookie": "a=b;" * 10_000},
        {f"X-{nth}": "x" for nth in range(1000)},
        {"Content-Length": "0", "Expect": "100-continue"},
        {"X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/metrics"},
    )
    for headers in wild:
        assert (await desk.incident(DANA).get(path, headers=headers)).status_code == 200
    for token in (b"x" * 100_000, b"a.b.c", b"\xff\xfe", b"." * 5000, b"e30.e30.", b"null"):
        answer = await nobody["incident"].get(path, headers={b"Authorization": b"Bearer " + token})
        refused(answer, 401)


async def test_a_wild_correlation_id_is_neither_kept_nor_sent_back(desk):
    for wild in (b"a b", b'"', b"x" * 129, b"\xff", b"\xe2\x82\xac", b"a;b", b"${jndi:ldap://x}"):
        answer = await desk.incident(DANA).get("/incidents", headers={b"X-Correlation-Id": wild})
        assert answer.status_code == 200
        assert answer.headers["x-correlation-id"].encode() != wild


@pytest.mark.parametrize(
    "lines",
    [
        b"GET /incidents/\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /incidents?caller=\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /incidents HTTP/1.1\r\nHost: a\r\nX-A: a\x00b\r\n\r\n",
        b"GET /incidents?" + b"a=b&" * 30_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        b"FETCH /incidents HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /incidents HTTP/9.9\r\nHost: a\r\n\r\n",
        b"POST /incidents HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n{}",
        b"POST /incidents HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\n{}",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        b"POST /incidents HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"\r\n" * 1000 + b"\x00" * 100 + b"\r\n\r\n",
    ],
)
async def test_what_is_hardly_http_is_turned_away_by_the_server_itself(lines, stack, nobody):
    reader, writer = await asyncio.open_connection("127.0.0.1", stack.services["incident"].port)
    writer.write(lines)
    await writer.drain()
    answer = await asyncio.wait_for(reader.read(65_536), 10)
    writer.close()
    status = answer.split(b" ")[1]
    assert status in {b"400", b"401", b"404", b"405"}
    assert not [word for word in INSIDES if word.encode() in answer.lower()]
    assert (await nobody["incident"].get("/health/live")).status_code == 200


async def test_and_after_all_of_this_nothing_has_failed(stack, desk):
    for name in stack.services:
        assert (await desk.of(name, LENA).get("/parked")).json()["items"] == []
        log = (stack.folder / "logs" / f"{name}.log").read_text()
        assert "request failed" not in log
