"""The metrics and the page Prometheus scrapes."""

import base64
import binascii
import hmac
import os
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

# With PROMETHEUS_MULTIPROC_DIR every worker keeps its values in files there, and any worker answers for all;
# gauges then carry the worker's pid. Without it a worker answers for itself alone.
MULTIPROCESS = bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))

registry = CollectorRegistry()

memory_usage = Gauge(
    "django_memory_usage_bytes",
    "Resident memory of the process as it was at the end of the view's last request",
    ["container", "view_name"],
    registry=registry,
    multiprocess_mode="liveall",
)
growth_events = Counter(
    "django_memory_growth_events_total",
    "How often resident memory rose by the threshold above where it last counted",
    ["container", "threshold"],
    registry=registry,
)
python_objects = Gauge(
    "django_python_objects_total",
    "Objects the garbage collector tracks, by type",
    ["container", "object_type"],
    registry=registry,
    multiprocess_mode="liveall",
)
gc_collections = Counter(
    "django_gc_collections_total",
    "Garbage collections, by generation",
    ["container", "generation"],
    registry=registry,
)
allocation = Histogram(
    "django_allocation_bytes",
    "What a request added to resident memory",
    ["view_name"],
    buckets=[4096, 65536, 1 << 20, 16 << 20],
    registry=registry,
)

if MULTIPROCESS:
    # The process collector does not work across workers, and the rules want to know how old a process is.
    start_time = Gauge(
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        registry=registry,
        multiprocess_mode="liveall",
    )
    start_time.set(time.time())
else:
    ProcessCollector(registry=registry)


def page(request: HttpRequest) -> HttpResponse:
    """/metrics, for those who know the password: 401 without, 500 where none is configured."""
    username, password = settings.METRICS_AUTH_USERNAME, settings.METRICS_AUTH_PASSWORD
    if not username or not password:
        return HttpResponse("metrics credentials are not configured\n", status=500, content_type="text/plain")
    if not _authorised(request.headers.get("Authorization", ""), username, password):
        answer = HttpResponse("unauthorized\n", status=401, content_type="text/plain")
        answer["WWW-Authenticate"] = 'Basic realm="metrics"'
        return answer
    source = registry
    if MULTIPROCESS:
        source = CollectorRegistry()
        MultiProcessCollector(source)
    return HttpResponse(generate_latest(source), content_type=CONTENT_TYPE_LATEST)


def _authorised(header: str, username: str, password: str) -> bool:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given, f"{username}:{password}".encode())
