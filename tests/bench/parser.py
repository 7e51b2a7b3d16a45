"""How fast posts are read: ``python -m tests.bench.parser [posts.jsonl]``.

Prints posts a second beside a bare scan of the same texts for tokens in the same run (the unit
that no machine's load distorts), p50 and p99 by length, growth up to 100,000 characters, the time
to be ready. Without a file the project's own posts are read.
"""

import json
import re
import statistics
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

from ingest.classify import Classifier
from ingest.levels import load_levels
from storage.areas.tree import load
from storage.model import AreaCode, ChannelId, Post

OWN: Final = Path(__file__).parents[1] / "corpus" / "posts.jsonl"
ROUNDS: Final = 5
SHORT: Final = 1_500
LENGTHS: Final = (200, 1_500, 4_096)
GROWTH: Final = (1_000, 10_000, 100_000)
_TOKEN: Final = re.compile(r"\w+")
_DATE: Final = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)


def posts_of(lines: Iterable[str]) -> list[tuple[Post, AreaCode | None]]:
    """Posts with the region their channel speaks for."""
    return [
        (post(row["text"]), AreaCode(row["region"]) if row["region"] else None)
        for row in map(json.loads, lines)
    ]


def post(text: str) -> Post:
    return Post(
        channel=ChannelId(1), message=1, text=text, date=_DATE, received_at=_DATE, digest=""
    )


def per_second(posts: list[tuple[Post, AreaCode | None]], read: Callable[[], None]) -> float:
    """Posts a second of CPU time, the best of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = process_time()
        read()
        best = min(best, process_time() - started)
    return len(posts) / best


def grown(texts: list[str], length: int) -> str:
    """One text of this length, made of the given ones."""
    whole = "\n".join(texts)
    return (whole * (length // len(whole) + 1))[:length]


def milliseconds(parser: Classifier, each: Post, home: AreaCode | None) -> float:
    """The best of three readings."""
    best = float("inf")
    for _ in range(3):
        started = perf_counter()
        parser.classify(each, home)
        best = min(best, perf_counter() - started)
    return best * 1000


def main() -> None:
    started = perf_counter()
    parser = Classifier(load(), load_levels())
    ready = perf_counter() - started
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else OWN
    posts = posts_of(source.read_text("utf-8").splitlines())

    def classified() -> None:
        for each, home in posts:
            parser.classify(each, home)

    def scanned() -> None:
        for each, _ in posts:
            _TOKEN.findall(each.text.lower())

    classified()
    parsed, bare = per_second(posts, classified), per_second(posts, scanned)
    mean = statistics.mean(len(each.text) for each, _ in posts)
    print(f"ready in                {ready * 1000:9.0f} ms")
    print(f"posts, mean length      {len(posts):9d}    {mean:.0f} characters")
    print(f"posts a second          {parsed:9.0f}")
    print(f"bare token scan         {bare:9.0f}    {bare / parsed:.1f} times as many")
    texts = [each.text for each, _ in posts]
    whole = sorted(
        milliseconds(parser, each, home) for each, home in posts if len(each.text) < SHORT
    )
    print(
        f"as posted, under {SHORT:,}   p50 {whole[len(whole) // 2]:6.2f} ms"
        f"   p99 {whole[len(whole) * 99 // 100]:6.2f} ms"
    )
    print("made of alarms end to end, which no channel posts:")
    for length in LENGTHS:
        times = []
        for at in range(200):
            turned = texts[at % len(texts) :] + texts[: at % len(texts)]
            sample = post(grown(turned, length))
            started = process_time()
            parser.classify(sample, AreaCode("RU-KLU"))
            times.append((process_time() - started) * 1000)
        times.sort()
        print(f"{length:7,} characters   p50 {times[100]:6.2f} ms   p99 {times[197]:6.2f} ms")
    for length in GROWTH:
        sample = post(grown(texts, length))
        parser.classify(sample, AreaCode("RU-KLU"))
        started = process_time()
        parser.classify(sample, AreaCode("RU-KLU"))
        took = (process_time() - started) * 1000
        print(f"{length:7,} characters   {took:8.2f} ms   {took / length * 1000:.2f} µs each")


if __name__ == "__main__":
    main()
