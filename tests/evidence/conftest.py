"""Meta, played on this machine while a test runs."""

import threading
from collections.abc import Iterator

import pytest

from tests.evidence.meta import Meta


@pytest.fixture
def meta() -> Iterator[Meta]:
    played = Meta()
    thread = threading.Thread(target=played.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield played
    played.released.set()
    played.server.shutdown()
    played.server.server_close()
    thread.join()
