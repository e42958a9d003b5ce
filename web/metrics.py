"""Numbers for Prometheus: no label ever holds anybody's words, ids or addresses."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one application, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "stationthis_http_requests", "Answers by route and status.", ("method", "route", "status"),
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "stationthis_http_seconds", "Seconds until an answer began.", ("method", "route"),
            buckets=_BUCKETS, registry=self._registry,
        )  # fmt: skip
        self._rows = Gauge(
            "stationthis_rows", "Rows of a table by state.", ("table", "state"), registry=self._registry
        )
        self._house = _House()
        self._registry.register(self._house)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer. `route` is the template, never the path."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self, counts: dict[str, dict[str, int]], measures: Mapping[str, Any]) -> bytes:
        """The exposition text; `counts` are the current rows, table -> state -> number, `measures` those of Operations."""
        self._rows.clear()
        for table, states in counts.items():
            for state, number in states.items():
                self._rows.labels(table, state).set(number)
        self._house.measures = measures
        return generate_latest(self._registry)


class _House(Collector):
    """What the database says of the whole house, the same whichever process is asked."""

    measures: Mapping[str, Any] | None = None

    def collect(self) -> Iterator[Metric]:
        if self.measures is not None:
            yield from _now(self.measures)
            yield from _for_ever(self.measures["tallies"])


def _now(measures: Mapping[str, Any]) -> Iterator[Metric]:
    queue = measures["queue"]
    jobs = GaugeMetricFamily("stationthis_queue_jobs", "Jobs that are not over.", labels=("lane", "tag", "status"))
    for group in queue["groups"]:
        jobs.add_metric((group["lane"], group["tag"], group["status"]), group["jobs"])
    yield jobs
    oldest = queue["oldest_s"] or 0.0
    yield GaugeMetricFamily("stationthis_queue_oldest_seconds", "Since when the oldest job waits.", value=oldest)
    yield GaugeMetricFamily("stationthis_dead_letters", "Jobs that were given up.", value=measures["dead"])
    yield GaugeMetricFamily("stationthis_alerts_open", "What an operator was told and is not over.", value=measures["alerts"])
    yield _labelled("stationthis_instances", "Servers as this process knows them.", "state", measures["instances"])
    if (redis := measures["redis_silent_s"]) is not None:
        yield GaugeMetricFamily("stationthis_redis_silent_seconds", "Since Redis answered this process last.", value=redis)
    workers = measures["workers"]
    states = Counts(worker["state"] for worker in workers)
    yield _labelled("stationthis_workers", "Workers: what is wanted of the living, and silent ones.", "state", states)
    heard = max((worker["heard_s"] for worker in workers if worker["state"] != "silent"), default=0.0)
    yield GaugeMetricFamily("stationthis_worker_heartbeat_age_seconds", "Of the living worker heard longest ago.", value=heard)


def _for_ever(tallies: Sequence[tuple[str, str, float]]) -> Iterator[Metric]:
    """Counted since the house was founded; of restarts nothing is seen here."""
    by_name: dict[str, dict[str, float]] = {}
    for name, label, value in tallies:
        by_name.setdefault(name, {})[label] = value
    ended = CounterMetricFamily("stationthis_jobs_ended", "Jobs by how they ended.", labels=("ending",))
    for ending, number in by_name.get("jobs_ended", {}).items():
        ended.add_metric((ending,), number)
    yield ended
    attempts = by_name.get("job_attempts", {}).get("", 0.0)
    yield CounterMetricFamily("stationthis_job_attempts_failed", "Attempts that failed, of jobs that ended.", value=attempts)
    buckets, total = _cumulated(by_name.get("dispatch", {}))
    waited = by_name.get("dispatch_sum", {}).get("", 0.0)
    yield HistogramMetricFamily(
        "stationthis_dispatch_seconds", "From asked to taken by a worker.", buckets=[*buckets, ("+Inf", total)], sum_value=waited
    )


def _cumulated(counted: Mapping[str, float]) -> tuple[list[tuple[str, float]], float]:
    """Finite bounds with how many lie at or below each, and all."""
    found, total = [], 0.0
    for bound in sorted((label for label in counted if label != "+Inf"), key=float):
        total += counted[bound]
        found.append((bound, total))
    return found, total + counted.get("+Inf", 0.0)


def _labelled(name: str, text: str, label: str, numbers: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for value, number in sorted(numbers.items()):
        family.add_metric((value,), number)
    return family
