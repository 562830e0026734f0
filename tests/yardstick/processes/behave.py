"""A real process that behaves in one of many ways: behave.py BEHAVIOUR SECONDS_PER_HOUR HOURS SEED.

Every tick is a minute of its own compressed time. Rates are MB per hour of that time.
"""

import gc
import io
import math
import random
import sys
import time

MB = 1 << 20
behaviour, secs_per_hour, hours, seed = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
chance = random.Random(f"{behaviour} {seed}")
rate = chance.uniform(18, 60)
kept = []
owed = 0.0


def block(size):
    """Memory that is really there: every page written."""
    size = max(int(size), 1)
    return bytearray(b"\x5a" * size)


def keep(megabytes, piece=64 * 1024):
    """Keeps memory for good, carrying over what is less than a piece."""
    global owed
    owed += megabytes * MB
    while owed >= piece:
        kept.append(block(piece))
        owed -= piece


def hold(megabytes, piece=256 * 1024):
    """Makes what is kept as large as this, up or down."""
    target = int(megabytes * MB / piece)
    while len(kept) < target:
        kept.append(block(piece))
    del kept[target:]


class Node:
    """An object that takes part in a cycle of references."""

    def __init__(self):
        self.me = self
        self.load = block(4096)


def churn(megabytes):
    """Allocates and frees, in sizes of many kinds."""
    short = [block(chance.choice((500, 5_000, 50_000))) for _ in range(int(megabytes * 20))]
    chance.shuffle(short)
    del short[::2]


per_tick = rate / 60
amplitude = chance.uniform(30, 90)
period = chance.uniform(1.5, 3)
onset = chance.uniform(0.25, 0.5) * hours
warm_hours = chance.uniform(0.1, 0.35)
cache, buffer, jobs = {}, io.StringIO(), []
keys = chance.randrange(2000, 6000)
at_steps = sorted(chance.uniform(0.1, 0.9) * hours for _ in range(4))


# Leaks.
def leak_list(hour):
    keep(per_tick)


def leak_dict(hour):
    for _ in range(int(per_tick * MB / 620)):
        cache[chance.getrandbits(60)] = "%0500d" % len(cache)


def leak_cycles(hour):
    gc.disable()
    for _ in range(int(per_tick * MB / 4500)):
        Node()


def leak_late(hour):
    if hour >= onset:
        keep(per_tick)


def leak_after_warm_up(hour):
    if hour < warm_hours:
        keep(amplitude / warm_hours / 60)
    keep(per_tick)


def leak_in_bursts(hour):
    if chance.random() < 1 / 25:
        keep(per_tick * 25)


def leak_under_churn(hour):
    churn(chance.uniform(1, 4))
    keep(per_tick)


def leak_slowly(hour):
    keep(chance.uniform(14, 18) / 60)


def leak_faster(hour):
    keep(per_tick * (0.4 + 1.4 * hour / hours))


def leak_small_objects(hour):
    jobs.extend([index] for index in range(int(per_tick * MB / 90)))


def leak_under_waves(hour):
    global owed
    keep(per_tick)
    jobs[:] = [block(MB) for _ in range(int(amplitude * (1 + math.sin(2 * math.pi * hour / period)) / 2))]


def leak_text(hour):
    buffer.write("y" * int(per_tick * MB))


# Safe.
def idle(hour):
    pass


def churning(hour):
    churn(chance.uniform(1, 6))


def warm_up(hour):
    hold(amplitude * 2 * (1 - math.exp(-hour / warm_hours)))


def cache_of_known_keys(hour):
    # Fewer and fewer misses: the cache of a finite set of keys fills and stops.
    for _ in range(int(keys / 60 / 1.0)):
        cache.setdefault(chance.randrange(keys), block(40_000))


def cache_with_a_cap(hour):
    keep_until = amplitude * 2
    if len(kept) * 64 * 1024 < keep_until * MB:
        keep(per_tick * 2)
    elif kept:
        kept[chance.randrange(len(kept))] = block(64 * 1024)


def collector(hour):
    gc.disable()
    for _ in range(int(2 * per_tick * MB / 4500)):
        Node()
    if chance.random() < 1 / 40:
        gc.collect()


def one_step(hour):
    if hour >= onset and not kept:
        keep(amplitude * 2)


def steps_up_and_down(hour):
    passed = sum(hour >= step for step in at_steps)
    hold(amplitude if passed % 2 else 0)


def waves(hour):
    hold(amplitude * (1 + math.sin(2 * math.pi * hour / period)) / 2)


def spikes(hour):
    if chance.random() < 1 / 60:
        block(amplitude * MB)
        jobs[:] = [block(amplitude * MB)]
    elif chance.random() < 0.3:
        jobs.clear()


def fragmentation(hour):
    # Ever larger requests in a mix of sizes: the allocator's high-water mark creeps up and slows down.
    for _ in range(20):
        short = [block(chance.expovariate(1 / 60_000)) for _ in range(60)]
        jobs.append(short[chance.randrange(60)])
    if len(jobs) > 1200:
        del jobs[: len(jobs) - 1200]


def ramp_of_sessions(hour):
    # Traffic grows over the morning and stays: so do the sessions.
    hold(amplitude * min(1, hour / (0.3 * hours)))


def several_processes_worth_of_imports(hour):
    # Lazy imports and first requests: little steps that come ever more seldom.
    hold(amplitude * math.log1p(hour / 0.1) / math.log1p(hours / 0.1))


act = globals()[behaviour]
start = time.monotonic()
for tick in range(int(hours * 60)):
    act(tick / 60)
    ahead = start + (tick + 1) * secs_per_hour / 60 - time.monotonic()
    if ahead > 0:
        time.sleep(ahead)
