"""Settings of the shop: no database, no sessions, nothing but views and the memory middleware."""

import os
import secrets

SECRET_KEY = secrets.token_hex(32)
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
MIDDLEWARE = ["shop.middleware.MemoryMetricsMiddleware"]
INSTALLED_APPS: list[str] = []
USE_TZ = True

# Who may read /metrics; without both nobody may, and the answer is 500.
METRICS_AUTH_USERNAME = os.environ.get("METRICS_AUTH_USERNAME", "")
METRICS_AUTH_PASSWORD = os.environ.get("METRICS_AUTH_PASSWORD", "")

# The container these processes run in, as the metrics name it.
CONTAINER_NAME = os.environ.get("CONTAINER_NAME", "web")

# How fast `orders` leaks, per process, for as long as it is called; and per call on top of that.
LEAK_BYTES_PER_SECOND = float(os.environ.get("LEAK_BYTES_PER_SECOND", "0"))
LEAK_BYTES_PER_REQUEST = float(os.environ.get("LEAK_BYTES_PER_REQUEST", "0"))

# When the cache of `catalogue` is full.
CACHE_BYTES = int(os.environ.get("CACHE_BYTES", str(64 << 20)))
