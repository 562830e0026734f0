"""Measures the process around every request."""

import gc
import os
import time
from collections import Counter
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from shop import metrics

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
GROWTH_THRESHOLDS = {"10MiB": 10 << 20, "50MiB": 50 << 20, "100MiB": 100 << 20}
OBJECT_TYPES = ("dict", "list", "tuple", "set", "function")
# Walking all objects takes milliseconds: not at every request.
OBJECT_COUNT_SECS = 5.0


def resident_bytes() -> int:
    """Resident memory of this process."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * PAGE_BYTES


class MemoryMetricsMiddleware:
    """Says after each request what the process uses and what the request added to it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.container = settings.CONTAINER_NAME
        resident = resident_bytes()
        self.counted_at = dict.fromkeys(GROWTH_THRESHOLDS, resident)
        self.objects_due = 0.0
        self.collections = [0, 0, 0]
        for threshold in GROWTH_THRESHOLDS:
            metrics.growth_events.labels(self.container, threshold)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = resident_bytes()
        response = self.get_response(request)
        after = resident_bytes()
        match = request.resolver_match
        # The scrape itself is not a view anyone is served.
        if match is not None and match.url_name != "metrics":
            metrics.memory_usage.labels(self.container, match.url_name).set(after)
            metrics.allocation.labels(match.url_name).observe(max(0, after - before))
        self._count_growth(after)
        self._count_collections()
        self._count_objects()
        return response

    def _count_growth(self, resident: int) -> None:
        for threshold, step in GROWTH_THRESHOLDS.items():
            if resident - self.counted_at[threshold] >= step:
                metrics.growth_events.labels(self.container, threshold).inc()
                self.counted_at[threshold] = resident

    def _count_collections(self) -> None:
        for generation, stats in enumerate(gc.get_stats()):
            new = stats["collections"] - self.collections[generation]
            metrics.gc_collections.labels(self.container, str(generation)).inc(new)
            self.collections[generation] = stats["collections"]

    def _count_objects(self) -> None:
        now = time.monotonic()
        if now < self.objects_due:
            return
        self.objects_due = now + OBJECT_COUNT_SECS
        counts = Counter(type(thing).__name__ for thing in gc.get_objects())
        for name in OBJECT_TYPES:
            metrics.python_objects.labels(self.container, name).set(counts[name])
