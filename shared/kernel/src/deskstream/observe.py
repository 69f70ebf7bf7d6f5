"""What is seen of a process from outside: logs, metrics, traces."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
import uuid_utils
from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import Counter, Gauge, Histogram
from structlog.typing import EventDict, Processor

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
REQUESTS = Counter("deskstream_http_requests", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "deskstream_http_request_seconds",
    "From a request's arrival to the end of its answer.",
    ["method", "route"],
    buckets=_SECONDS,
)
OPEN_STREAMS = Gauge("deskstream_open_streams", "Live feeds that are being sent.")
APPEND_SECONDS = Histogram(
    "deskstream_append_seconds",
    "Appending a command's facts and writing their rows, without the commit.",
    buckets=_SECONDS,
)
RELAY_LAG = Gauge("deskstream_relay_lag_events", "Events settled but not yet on the topic.")
CONSUMER_LAG = Gauge(
    "deskstream_consumer_lag_events",
    "Messages on the topic that the group has not handled.",
    ["group", "topic", "partition"],
)
WATERMARK_AGE = Gauge("deskstream_watermark_age_seconds", "How far the watermark lies back.")
PARKED = Gauge("deskstream_parked_messages", "Messages that wait parked.")
FAILED_TIMERS = Gauge("deskstream_failed_timers", "Timers that failed and are tried again.")
TIMER_LATENESS = Histogram(
    "deskstream_timer_lateness_seconds",
    "From the due time of a timer to its being carried out.",
    buckets=_SECONDS,
)

# FastAPI opens the server's span by itself as soon as a tracer provider is set. Metrics and logs
# have their own way here, and a span per dependency would tell nothing.
TELEMETRY = TelemetryConfig(metrics=False, logs=False, operation_spans=False)
_TRACE_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROPAGATOR = TraceContextTextMapPropagator()

correlation: ContextVar[str] = ContextVar("correlation")


def correlation_id() -> str:
    """The id of the story that the present request or message belongs to; a new one outside."""
    return correlation.get(None) or str(uuid_utils.uuid7())


def set_up_tracing(service: str) -> None:
    """Trace this process, if an OTLP endpoint is configured."""
    if any(os.environ.get(name) for name in _TRACE_ENDPOINTS):
        trace.set_tracer_provider(_exporting_provider(service))


def _exporting_provider(service: str) -> TracerProvider:
    # Loading the exporter takes a tenth of a second, which a process without tracing saves.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415  slow
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  slow

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def traceparent() -> str | None:
    """The W3C context of the present span, to be stored with what it causes."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def trace_id() -> str | None:
    """The present trace's id as it is shown."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else None


@contextmanager
def consumer_span(
    parent: str | None, story: str, name: str, **attributes: str | int
) -> Iterator[None]:
    """The span of handling one message, continuing the trace and the story that it carries."""
    context = _PROPAGATOR.extract({"traceparent": parent} if parent else {})
    tracer = trace.get_tracer("deskstream")
    outside = correlation.set(story)
    try:
        with tracer.start_as_current_span(name, context, SpanKind.CONSUMER, attributes=attributes):
            yield
    finally:
        correlation.reset(outside)


def configure_logging(service: str, level: str = "INFO", *, console: bool | None = None) -> None:
    """Send all logs of the process, those of libraries too, to stderr: as JSON, or to be read."""
    shared: list[Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _context_adder(service),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    handler = logging.StreamHandler()
    final = _rendering(readable=sys.stderr.isatty() if console is None else console)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)


def _rendering(*, readable: bool) -> list[Processor]:
    # Tracebacks come without local variables: those hold people's data, and tokens.
    if readable:
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _context_adder(service: str) -> Processor:
    def add_context(_logger: object, _method: str, event: EventDict) -> EventDict:
        told = {"service": service, "correlation_id": correlation.get(None), "trace_id": trace_id()}
        event.update({name: value for name, value in told.items() if value is not None})
        return event

    return add_context
