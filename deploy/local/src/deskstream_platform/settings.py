"""What can be set about the local platform, by option or by DESKSTREAM_* variable."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from deskstream_platform.errors import PlatformError
from deskstream_platform.issuer import AUDIENCE, ISSUER


class PlatformSettings(BaseSettings):
    """Settings of `deskstream up`."""

    model_config = SettingsConfigDict(env_prefix="DESKSTREAM_", extra="ignore")

    folder: Path = Path(".deskstream")
    ports: dict[str, int] = Field(
        default_factory=dict, description="chosen ports by name: postgres, kafka, or a service"
    )
    postgres_url: str | None = Field(None, description="an existing PostgreSQL to use")
    kafka: str | None = Field(None, description="an existing Kafka to use, HOST:PORT")
    issuer: str = ISSUER
    audience: str = AUDIENCE
    jwks: str | None = Field(None, description="the keys of an existing identity provider")


def platform_settings(folder: Path, ports: Sequence[str]) -> PlatformSettings:
    """The settings of the environment, with these options (`NAME=PORT`) before them."""
    try:
        settings = PlatformSettings(folder=folder)
        chosen = dict(port.split("=") for port in ports)
        settings.ports |= {name: int(number) for name, number in chosen.items()}
    except ValidationError as error:
        wrong = error.errors()[0]
        name = "_".join(str(part) for part in wrong["loc"]).upper()
        raise PlatformError(f"The setting DESKSTREAM_{name} is wrong: {wrong['msg']}.") from error
    except ValueError as error:
        raise PlatformError(
            "Ports are chosen by --port kafka=9092 or by DESKSTREAM_PORTS='{\"kafka\": 9092}'."
        ) from error
    return settings
