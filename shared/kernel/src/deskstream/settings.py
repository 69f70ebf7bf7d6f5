"""What a service has to be told, by environment variables that begin with DESKSTREAM_."""

import ipaddress
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOCAL_ISSUER = "urn:deskstream:local"


class Settings(BaseSettings):
    """Settings of one service process.

    Attributes:
        database_url: its own PostgreSQL database.
        kafka: Kafka's addresses, `host:port,host:port`.
        host, port: where it serves HTTP.
        issuer, audience, jwks: whose tokens are taken, for whom, and the keys: a file or a URL.
        partitions: of its topic of events, for ever.
        replication: of topics that it makes.
        connections: to the database, at most.
    """

    model_config = SettingsConfigDict(env_prefix="DESKSTREAM_", extra="ignore")

    database_url: str = "postgresql://localhost/deskstream"
    kafka: str = "127.0.0.1:9092"
    host: str = "127.0.0.1"
    port: int = Field(default=8100, ge=0, le=65535)
    issuer: str = LOCAL_ISSUER
    audience: str = "deskstream"
    jwks: str = "jwks.json"
    partitions: int = Field(default=6, ge=1, le=1000)
    replication: int = Field(default=1, ge=1)
    connections: int = Field(default=16, ge=4, le=200)

    @model_validator(mode="after")
    def _keep_the_local_issuer_local(self) -> Self:
        """Anybody on this machine can make its tokens, so nobody else may be served with them."""
        if self.issuer == LOCAL_ISSUER and not is_loopback(self.host):
            message = (
                f"{LOCAL_ISSUER} is for this machine alone, but the service would listen on"
                f" {self.host}: listen on 127.0.0.1, or configure your identity provider's issuer"
                " and keys."
            )
            raise ValueError(message)
        return self


def is_loopback(host: str) -> bool:
    """Whether this address can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
