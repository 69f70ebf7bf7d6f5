"""Takes traces over OTLP/HTTP and forgets them: `python otlp_sink.py PORT`."""

import asyncio
import sys
from typing import cast

import httptools
import uvloop

TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"


class Sink(asyncio.Protocol):
    """One connection of an exporter."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to listen."""
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        """Take a part of a batch."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """Thank for a batch."""
        self._transport.write(TAKEN)


async def serve(port: int) -> None:
    """Listen for ever."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
