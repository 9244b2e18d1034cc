"""Prometheus metrics of a service process, in the default registry; ``GET /metrics`` shows them.

Labels are code-like and few: never an id, never anything that a person wrote.
"""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

PIPELINE_BATCH_SIZE = Histogram(
    "qingcheng_pipeline_batch_size",
    "Commands decided in one transaction",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
COMMAND_HANDLE_SECONDS = Histogram(
    "qingcheng_command_handle_seconds",
    "Time from a command's arrival in the pipeline to its commit",
    ["aggregate"],
    buckets=_SECONDS,
)
COMMANDS_TOTAL = Counter(
    "qingcheng_commands_total",
    "Commands by how they ended",
    ["aggregate", "outcome"],
)
CONSUMER_LAG_RECORDS = Gauge(
    "qingcheng_consumer_lag_records",
    "Records between the last handled one and the partition's end",
    ["topic", "partition"],
)
OLDEST_UNPUBLISHED_EVENT_SECONDS = Gauge(
    "qingcheng_oldest_unpublished_event_seconds",
    "Age of the oldest event that the broker has not acknowledged; 0 when there is none",
)
UNPUBLISHED_EVENTS = Gauge(
    "qingcheng_unpublished_events",
    "Events that the broker has not acknowledged",
)
RELAY_PUBLISHED_TOTAL = Counter(
    "qingcheng_relay_published_total",
    "Events acknowledged by the broker and marked as published",
)
DEAD_LETTERS = Gauge(
    "qingcheng_dead_letters",
    "Records set aside and neither replayed nor discarded yet",
    ["reason"],
)
DEADLINES_OVERDUE = Gauge(
    "qingcheng_deadlines_overdue",
    "Deadlines whose time has come and that no command has handled yet",
)
CALENDAR_KNOWN_UNTIL = Gauge(
    "qingcheng_calendar_known_until_year",
    "The last year whose holidays are known; limits that end later are provisional",
)
HTTP_REQUEST_SECONDS = Histogram(
    "qingcheng_http_request_seconds",
    "Time to answer an HTTP request, by route template",
    ["route", "method"],
    buckets=_SECONDS,
)
HTTP_REQUESTS_TOTAL = Counter(
    "qingcheng_http_requests_total",
    "HTTP requests by route template and how they were answered",
    ["route", "method", "status"],
)
