"""Traffic for the shop: `drive.py http://127.0.0.1:8000 --per-second 10`, until it is told to stop."""

import argparse
import itertools
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

# One round: which views are called how often.
ROUND = ("orders", "catalogue", "", "orders", "report", "orders", "catalogue", "")


def main() -> None:
    """Calls view after view at an even pace; failures are told when they begin and when they end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--per-second", type=float, default=10.0)
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    failing = False
    due = time.monotonic()
    for view in itertools.cycle(ROUND):
        try:
            with urllib.request.urlopen(f"{arguments.url.rstrip('/')}/{view}", timeout=10) as answer:
                answer.read()
            if failing:
                print("drive: answers again", file=sys.stderr, flush=True)
            failing = False
        except (urllib.error.URLError, OSError) as error:
            if not failing:
                print(f"drive: /{view} fails: {error}", file=sys.stderr, flush=True)
            failing = True
        # After a stall it goes on at its pace instead of catching up.
        due = max(due + 1 / arguments.per_second, time.monotonic() - 1)
        if stop.wait(max(0.0, due - time.monotonic())):
            return


if __name__ == "__main__":
    main()
