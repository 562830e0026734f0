"""How the shop runs.

WORKLOAD_MODE is `single` (one worker), `multiprocess` (three workers that share prometheus' multiprocess files, whose
empty directory is PROMETHEUS_MULTIPROC_DIR) or `separate` (three workers that know nothing of each other: scrapes of
one port reach now this, now that one, and their values interleave).
"""

import os

mode = os.environ.get("WORKLOAD_MODE", "single")
if mode not in ("single", "multiprocess", "separate"):
    raise SystemExit(f"WORKLOAD_MODE must be single, multiprocess or separate, not {mode}")
if (mode == "multiprocess") != bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR")):
    raise SystemExit("WORKLOAD_MODE=multiprocess and PROMETHEUS_MULTIPROC_DIR belong together")

wsgi_app = "shop.wsgi:application"
bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = 1 if mode == "single" else 3
# Workers are forked before the application is loaded, so that each has its own start time and its own memory.
preload_app = False


def child_exit(_server, worker):
    """Takes a dead worker's gauges out of the shared files."""
    if mode == "multiprocess":
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)
