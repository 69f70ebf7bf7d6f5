"""A service's AsyncAPI 3 document, made of what it stores and of what it subscribes to."""

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from deskstream.aggregate import Aggregate
from deskstream.codec import Codec
from deskstream.consuming.subscription import Subscription
from deskstream.decider import Fact
from deskstream.marks import Sensitivity
from deskstream.service import Service
from deskstream.topics import Topic, events_topic, topics_of, watermarks_topic
from deskstream.watermark import Watermark
from deskstream_platform.marked import marked_fields

Document = dict[str, Any]

EVENTS = """\
Every event of this service. A message's key is the id of its stream, so that the events of a
stream share a partition and arrive in the order of `ce_streamversion`. A message may come again:
drop what has a `ce_position` at or below the last one seen on its partition. Members that a later
release adds are to be overlooked; a type that you neither handle nor ignore is to be set aside,
not skipped.
"""
WATERMARKS = """\
How far the topic of events is complete. Whoever has read every partition up to its end offset
knows all that this service recorded until `time`. Only the latest message counts.
"""
READ = "Read here in the form below; other members are overlooked."
STREAM = "Id of the stream: a category and a UUID."
BINDING = {"bindingVersion": "0.5.0"}


@dataclass(frozen=True)
class Reading:
    """What a service reads in a group: the subscription, and the form of every handled type."""

    subscription: Subscription
    forms: Mapping[str, type[Fact]]


class _StoredForm(GenerateJsonSchema):
    """The schema of what is written: what is absent is left out rather than null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        told = super().default_schema(schema)
        return {name: value for name, value in told.items() if (name, value) != ("default", None)}

    def field_title_should_be_set(self, _schema: object) -> bool:
        return False


class _Schemas:
    """The schemas of these models, each under a name of its own."""

    def __init__(self, models: Iterable[type[BaseModel]]) -> None:
        wanted = [(model, "serialization") for model in dict.fromkeys(models)]
        reference = "#/components/schemas/{model}"
        self._references, told = models_json_schema(
            wanted,  # type: ignore[arg-type]  # the mode is one of its literals
            ref_template=reference,
            schema_generator=_StoredForm,
        )
        self.definitions: Document = told["$defs"]

    def of(self, model: type[BaseModel]) -> JsonSchemaValue:
        """Where the model's schema is."""
        return self._references[model, "serialization"]


def asyncapi_document(
    service: Service,
    partitions: int,
    readings: Sequence[Reading],
    examples: Mapping[str, object],
) -> Document:
    """The document.

    Args:
        service: that it is about.
        partitions: of its topic of events, unless set otherwise.
        readings: what it reads.
        examples: of the data of its events, by stored name.
    """
    schemas = _Schemas(_models(service, readings))
    own = _own_messages(service, schemas, examples)
    foreign = _foreign_messages(readings, schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Deskstream {service.title}",
            "version": version(service.package),
            "description": f"What {service.name} tells on Kafka, and what it reads there.",
        },
        "defaultContentType": "application/json",
        "channels": {
            # What it reads of its own is what it tells.
            **_foreign_channels(readings),
            **_own_channels(service, partitions, own),
        },
        "operations": {**_sending(service), **_receiving(service, readings)},
        "components": {
            "messages": {**foreign, **own, "watermark": _watermark(service, schemas)},
            "schemas": {"CloudEvent": _headers(service), **schemas.definitions},
        },
    }


def _models(service: Service, readings: Sequence[Reading]) -> list[type[BaseModel]]:
    own = (model for one in service.aggregates for model in one.codec.names.values())
    foreign = (model for reading in readings for model in reading.forms.values())
    return [*own, *foreign, Watermark]


def _own_messages(
    service: Service, schemas: _Schemas, examples: Mapping[str, object]
) -> dict[str, Document]:
    return {
        name: _own_message(name, aggregate, schemas, examples)
        for aggregate in service.aggregates
        for name in [*aggregate.codec.names, *sorted(aggregate.codec.upcasters)]
    }


def _own_message(
    name: str,
    aggregate: Aggregate[Any, Any, Any],
    schemas: _Schemas,
    examples: Mapping[str, object],
) -> Document:
    key = {"type": "string", "pattern": f"^{aggregate.decider.category}-", "description": STREAM}
    told = _described(name, aggregate.codec, schemas) | {
        "headers": {"$ref": "#/components/schemas/CloudEvent"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "bindings": {"kafka": {"key": key, **BINDING}},
    }
    if name in examples:
        told["examples"] = [{"payload": examples[name]}]
    return told


def _described(name: str, codec: Codec[Any], schemas: _Schemas) -> Document:
    if name in codec.upcasters:
        return {
            "name": name,
            "summary": f"Written by earlier releases; `{codec.upcasters[name].to}` is written now.",
            "payload": {"type": "object"},
        }
    fact = codec.names[name]
    marks = {path: mark.value for path, mark in marked_fields(fact).items()}
    return {
        **_form(name, fact, schemas),
        **({"x-sensitivity": marks} if marks else {}),
        **({"x-internal": True} if fact.internal else {}),
    }


def _form(name: str, fact: type[Fact], schemas: _Schemas) -> Document:
    summary, _, more = (inspect.getdoc(fact) or "").partition("\n\n")
    described = {"summary": summary, "description": more} if more else {"summary": summary}
    return {"name": name, "title": fact.__name__, **described, "payload": schemas.of(fact)}


def _watermark(service: Service, schemas: _Schemas) -> Document:
    key = {"type": "string", "const": service.name}
    return {
        "name": "watermark",
        "summary": "All that was recorded until this time is on the topic.",
        "payload": schemas.of(Watermark),
        "bindings": {"kafka": {"key": key, **BINDING}},
    }


def _foreign_messages(readings: Sequence[Reading], schemas: _Schemas) -> dict[str, Document]:
    return {
        name: _form(name, fact, schemas)
        for reading in readings
        for name, fact in reading.forms.items()
    }


def _own_channels(service: Service, partitions: int, own: Iterable[str]) -> Document:
    events, watermarks = topics_of(service.name, partitions)
    return {
        events.name: {
            "address": events.name,
            "description": EVENTS,
            "messages": _references(own),
            "bindings": {"kafka": _settings(events)},
        },
        watermarks.name: {
            "address": watermarks.name,
            "description": WATERMARKS,
            "messages": _references(["watermark"]),
            "bindings": {"kafka": _settings(watermarks)},
        },
    }


def _settings(topic: Topic) -> Document:
    typed: dict[str, Any] = {
        name: [value] if name == "cleanup.policy" else int(value)
        for name, value in topic.settings.items()
        if name != "message.timestamp.type"  # the binding has no place for it
    }
    return {"partitions": topic.partitions, "topicConfiguration": typed, **BINDING}


def _foreign_channels(readings: Sequence[Reading]) -> Document:
    channels: Document = {}
    for reading in readings:
        for topic in reading.subscription.topics:
            empty = {"address": topic, "description": READ, "messages": {}}
            channels.setdefault(topic, empty)["messages"] |= _references(reading.forms)
    return channels


def _references(keys: Iterable[str]) -> Document:
    return {key: {"$ref": f"#/components/messages/{key}"} for key in keys}


def _sending(service: Service) -> Document:
    topics = {"publish": events_topic(service.name), "announce": watermarks_topic(service.name)}
    return {
        name: {"action": "send", "channel": {"$ref": f"#/channels/{topic}"}}
        for name, topic in topics.items()
    }


def _receiving(service: Service, readings: Sequence[Reading]) -> Document:
    return {
        f"{reading.subscription.purpose}:{topic}": _receive(service, reading, topic)
        for reading in readings
        for topic in reading.subscription.topics
    }


def _receive(service: Service, reading: Reading, topic: str) -> Document:
    subscription, channel = reading.subscription, f"#/channels/{topic}"
    group = {"type": "string", "const": f"itsm.{service.name}.{subscription.purpose}"}
    return {
        "action": "receive",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in reading.forms],
        "bindings": {"kafka": {"groupId": group, **BINDING}},
        "x-ignored": sorted(subscription.ignored),
    }


def _headers(service: Service) -> Document:
    number = {"type": "string", "pattern": r"^\d+$"}
    moment = {"type": "string", "format": "date-time"}
    text = {"type": "string"}
    required = {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": text | {"description": "The stream and its version, `<stream>@<version>`."},
        "ce_source": {"type": "string", "const": f"/itsm/{service.name}"},
        "ce_type": text | {"description": "Stored name of the type, with its version."},
        "ce_time": moment | {"description": "When it was so."},
        "ce_subject": text | {"description": STREAM},
        "ce_recordedtime": moment | {"description": "When it was stored."},
        "ce_correlationid": text | {"description": "One for all that belongs to a matter."},
        "ce_depth": number | {"description": "How many policies led from one to the next."},
        "ce_actor": text | {"x-sensitivity": Sensitivity.PERSON.value},
        "ce_actorrole": text,
        "ce_provenance": text | {"description": "`live`, or `import:<id>` for a told history."},
        "ce_streamversion": number | {"description": "Counts the events of the stream from 1."},
        "ce_position": number | {"description": "Orders the events of the service; has gaps."},
        "content-type": {"type": "string", "const": "application/json"},
    }
    optional = {
        "ce_causationid": text | {"description": "The message that a policy acted on."},
        "ce_traceparent": text | {"description": "W3C trace context of the request."},
        "traceparent": text | {"description": "The same, for what instruments Kafka clients."},
    }
    return {
        "type": "object",
        "description": "CloudEvents 1.0 in binary content mode, as Kafka headers.",
        "properties": required | optional,
        "required": list(required),
    }
