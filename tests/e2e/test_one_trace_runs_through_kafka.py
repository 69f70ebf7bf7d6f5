"""A request, the events it led to, and what other services made of them, in one trace."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from deskstream_testing.faults import eventually
from deskstream_testing.stack import running_stack


class Sink:
    """Takes spans by OTLP over HTTP, and keeps which services took part in which trace."""

    def __init__(self):
        self.traces = defaultdict(set)

    async def serve(self, reader, writer):
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            self.take(await reader.readexactly(length))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()

    def take(self, body):
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.traces[span.trace_id.hex()].add((names["service.name"], span.name))


@asynccontextmanager
async def listening():
    sink = Sink()

    async def serve(reader, writer):
        try:
            await sink.serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield sink, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.fixture(scope="module")
async def traced(tmp_path_factory):
    async with listening() as (sink, address):
        folder = tmp_path_factory.mktemp("traced")
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": address,
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        async with running_stack(folder, **settings) as stack:
            await stack.start("catalog", "incident", "sla-monitor")
            yield stack, sink


async def test_a_logged_incident_and_its_clocks_are_one_trace(traced):
    stack, sink = traced
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with stack.client("incident") as client:
        answer = await client.post(
            "/incidents",
            json={"title": "Mail is down"},
            headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"},
        )
    assert answer.status_code == 201

    async def both_took_part():
        return {name for name, _ in sink.traces[trace]} >= {"incident", "sla-monitor"}

    await eventually(both_took_part, "incident and sla-monitor in one trace")
    assert ("sla-monitor", "process incident.logged.v1") in sink.traces[trace]


async def test_the_events_on_kafka_carry_the_trace(traced):
    stack, _ = traced
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    async with stack.client("incident") as client:
        traceparent = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
        await client.post("/incidents", json={"title": "Mail is down"}, headers=traceparent)

    async def both_told():
        told = await stack.topic("itsm.incident.events.v1")
        told += await stack.topic("itsm.sla-monitor.events.v1")
        return {one.type for one in told if trace in (one.message.trace or "")} >= {
            "incident.logged.v1",
            "clock.ticket_uncovered.v1",
        }

    await eventually(both_told, "both events with the trace")
