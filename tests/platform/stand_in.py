"""A service without a purpose, started as `python -m <name>.main`.

It writes down when it starts and when it is asked to stop, and whether its servers were
up at that moment; it is ready after a moment.
"""

import os
import signal
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

NAME = Path(__file__).parent.name
STARTED = time.monotonic()


def answers(host, port):
    with socket.socket() as connection:
        return connection.connect_ex((host, int(port))) == 0


def note(what):
    database = urlsplit(os.environ["DESKSTREAM_DATABASE_URL"])
    host, _, port = os.environ["DESKSTREAM_KAFKA"].partition(":")
    up = answers(database.hostname, database.port) and answers(host, port)
    with Path(os.environ["JOURNAL"]).open("a") as journal:
        journal.write(f"{NAME} {what} {'with' if up else 'without'} servers\n")


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        ready = self.path == "/health/ready" and time.monotonic() - STARTED > 0.3
        self.send_response(200 if ready else 503)
        self.end_headers()


def stop(signum, frame):
    note("stopped")
    sys.exit(0)


def interrupt(signum, frame):
    note("interrupted")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, interrupt)
    note("started")
    if os.environ.get("STAND_IN_FAILS") == NAME:
        sys.exit("the stand-in was told to fail")
    address = os.environ["DESKSTREAM_HOST"], int(os.environ["DESKSTREAM_PORT"])
    HTTPServer(address, Health).serve_forever()
