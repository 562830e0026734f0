"""Four views: one leaks, one fills a cache and stops, one needs much memory for a moment, one needs none."""

import mmap
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# A record as it lies in memory: payload, dictionary, list, number and its place in the list, as measured.
RECORD_BYTES = 4096
PAYLOAD_BYTES = 3704


class Orders:
    """Remembers every order for good: the leak."""

    def __init__(self) -> None:
        self.history: list[dict] = []
        self.owed_bytes = 0.0
        self.last_call = time.monotonic()

    def remember(self) -> int:
        """Keeps as many records as the set rate makes due; returns how many are kept by now."""
        now = time.monotonic()
        self.owed_bytes += settings.LEAK_BYTES_PER_SECOND * (now - self.last_call)
        self.owed_bytes += settings.LEAK_BYTES_PER_REQUEST
        self.last_call = now
        while self.owed_bytes >= RECORD_BYTES:
            number = len(self.history)
            self.history.append({"number": number, "lines": [number], "invoice": bytes(bytearray(b"i") * PAYLOAD_BYTES)})
            self.owed_bytes -= RECORD_BYTES
        return len(self.history)


class Catalogue:
    """A cache with a bound."""

    PAGE_BYTES = 256 << 10

    def __init__(self) -> None:
        self.pages: list[bytes] = []

    def fill(self) -> int:
        """Adds a page unless the cache is full; returns the pages held."""
        if len(self.pages) * self.PAGE_BYTES < settings.CACHE_BYTES:
            self.pages.append(b"c" * self.PAGE_BYTES)
        return len(self.pages)


ORDERS = Orders()
CATALOGUE = Catalogue()


def index(_request: HttpRequest) -> HttpResponse:
    """Keeps nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


def orders(_request: HttpRequest) -> HttpResponse:
    """Leaks at the set rate."""
    return HttpResponse(f"{ORDERS.remember()} orders\n", content_type="text/plain")


def catalogue(_request: HttpRequest) -> HttpResponse:
    """Fills a cache, then stops."""
    return HttpResponse(f"{CATALOGUE.fill()} pages\n", content_type="text/plain")


def report(_request: HttpRequest) -> HttpResponse:
    """Needs 8 MiB and gives them back."""
    # Straight from the system and back to it: memory left to the allocator would be taken up by the next view, and
    # the leak would show at this one.
    with mmap.mmap(-1, 8 << 20) as rows:
        for start in range(0, len(rows), mmap.PAGESIZE):
            rows[start] = 1
        size = len(rows)
    return HttpResponse(f"{size} bytes\n", content_type="text/plain")
