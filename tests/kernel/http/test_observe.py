import json
import logging
import subprocess
import sys

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from deskstream import observe

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return exporter


def test_without_an_endpoint_nothing_is_traced(monkeypatch):
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    before = trace.get_tracer_provider()
    observe.set_up_tracing("tickets")
    assert trace.get_tracer_provider() is before
    assert observe.traceparent() is None
    with observe.consumer_span(PARENT, "a story", "handle"):
        assert observe.trace_id() in {None, PARENT.split("-")[1]}


def test_an_endpoint_switches_tracing_on():
    program = (
        "from deskstream import observe; from opentelemetry import trace;"
        "observe.set_up_tracing('tickets');"
        "print(trace.get_tracer_provider().resource.attributes['service.name'])"
    )
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=endpoint, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "tickets"


async def test_a_request_has_one_span_and_its_events_carry_it(agent, pool, spans):
    await agent.post("/tickets", json={"title": "x"}, headers={"traceparent": PARENT})
    [span] = spans.get_finished_spans()
    assert span.name == "POST /tickets"
    stored = json.loads(await pool.fetchval("SELECT origin FROM events"))["trace"]
    assert stored.split("-")[1] == PARENT.split("-")[1]
    assert stored.split("-")[2] == f"{span.context.span_id:016x}"


def test_a_consumer_continues_the_trace_of_the_message(spans):
    with observe.consumer_span(PARENT, "a story", "ticket.opened.v1", position=7):
        assert observe.trace_id() == PARENT.split("-")[1]
    [span] = spans.get_finished_spans()
    assert span.kind is trace.SpanKind.CONSUMER
    assert f"{span.parent.span_id:016x}" == PARENT.split("-")[2]
    assert span.attributes["position"] == 7


def test_a_message_without_a_trace_begins_one(spans):
    with observe.consumer_span(None, "a story", "ticket.opened.v1"):
        assert observe.traceparent()
    assert spans.get_finished_spans()[0].parent is None


def test_logs_are_json_with_the_story(capsys):
    script = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        observe.configure_logging("tickets", console=False)
        token = observe.correlation.set("story")
        structlog.stdlib.get_logger("ours").info("done", ticket=7)
        observe.correlation.reset(token)
        secret = "hunter2"  # noqa: F841, S105  it must not be told
        try:
            _ = 1 / 0
        except ZeroDivisionError:
            logging.getLogger("theirs").exception("failed")
    finally:
        structlog.configure(**script)
        logging.basicConfig(handlers=handlers, level=level, force=True)
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert ours["event"] == "done"
    assert (ours["ticket"], ours["correlation_id"], ours["service"]) == (7, "story", "tickets")
    assert ours["level"] == "info"
    assert theirs["logger"] == "theirs"
    assert "ZeroDivisionError" in theirs["exception"]
    assert "hunter2" not in json.dumps(theirs)
