"""What a service has to be told, by environment variables that begin with DESKSTREAM_."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from deskstream.access import refuse_local_issuer_off_loopback


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
    issuer: str = "urn:deskstream:local"
    audience: str = "deskstream"
    jwks: str = "jwks.json"
    partitions: int = Field(default=6, ge=1, le=1000)
    replication: int = Field(default=1, ge=1)
    connections: int = Field(default=16, ge=4, le=200)

    def check(self) -> None:
        """Refuse what would be unsafe.

        Raises:
            ValueError: the local issuer's tokens would be taken from other machines.
        """
        refuse_local_issuer_off_loopback(self.issuer, self.host)
