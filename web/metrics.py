"""Numbers for Prometheus: no label ever holds anybody's words, ids or addresses."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

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

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer. `route` is the template, never the path."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self, counts: dict[str, dict[str, int]]) -> bytes:
        """The exposition text; `counts` are the current rows, table -> state -> number."""
        self._rows.clear()
        for table, states in counts.items():
            for state, number in states.items():
                self._rows.labels(table, state).set(number)
        return generate_latest(self._registry)
