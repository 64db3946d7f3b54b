"""Made-up series of every metric that the system has: what dashboards show.

All that can be is there, a GPU, a firing alert, drift: a panel without data on these has a wrong query.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable

STEP = 15
SERVICES = {
    "tumor": "tumor",
    "xray": "xray",
    "monkeypox": "monkeypox",
    "lung_colon": "lung_colon",
    "palm": "palm_disease",
    "chatbot": "chatbot",
}
LABELS = {
    "tumor": ("glioma", "meningioma", "notumor", "pituitary"),
    "xray": ("NORMAL", "PNEUMONIA"),
    "monkeypox": ("Monkeypox", "Others"),
    "lung_colon": ("colon_aca", "colon_n", "lung_aca", "lung_n", "lung_scc"),
    "palm_disease": ("anaemia", "healthy"),
}
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
TENTHS = tuple(step / 10 for step in range(1, 11))
Value = Callable[[float], float]


class Made:
    """Samples every ``STEP`` seconds of the ``minutes`` before ``end``, as OpenMetrics text."""

    def __init__(self, end: float, minutes: int) -> None:
        self._times = [end - STEP * back for back in range(minutes * 60 // STEP, -1, -1)]
        self._chance = random.Random(7)
        self._lines: list[str] = []

    def text(self) -> str:
        return "\n".join([*self._lines, "# EOF"]) + "\n"

    def gauge(self, name: str, value: float | Value, **labels: str) -> None:
        worth = value if callable(value) else lambda _: float(value)  # type: ignore[arg-type]
        self._series(name, labels, [worth(when) for when in self._times])

    def counter(self, name: str, a_second: float, **labels: str) -> None:
        self._series(name, labels, self._counted(a_second))

    def histogram(self, name: str, a_second: float, middle: float, bounds: tuple[float, ...], **labels: str) -> None:
        """Around ``middle``, spread as times are: a factor of two is usual, one of ten is rare."""
        total = self._counted(a_second)
        for bound in bounds:
            below = 0.5 * (1 + math.erf(math.log(bound / middle) / 0.9 / math.sqrt(2)))
            self._series(f"{name}_bucket", {**labels, "le": f"{bound:.16g}"}, [below * count for count in total])
        self._series(f"{name}_bucket", {**labels, "le": "+Inf"}, total)
        self._series(f"{name}_count", labels, total)
        self._series(f"{name}_sum", labels, [middle * 1.4 * count for count in total])

    def wave(self, middle: float, swing: float = 0.2) -> Value:
        phase = self._chance.random() * 6
        return lambda when: middle * (1 + swing * math.sin(when / 400 + phase) + self._chance.gauss(0, swing / 8))

    def _counted(self, a_second: float) -> list[float]:
        speed = self.wave(a_second, 0.3)
        count, counts = a_second * 500, []
        for when in self._times:
            count += max(speed(when), 0) * STEP
            counts.append(count)
        return counts

    def _series(self, name: str, labels: dict[str, str], values: list[float]) -> None:
        told = ",".join(f'{key}="{value}"' for key, value in labels.items())
        self._lines += [
            f"{name}{{{told}}} {value:.9g} {when:.3f}" for when, value in zip(self._times, values, strict=True)
        ]


def made_up(end: float, minutes: int) -> str:
    """OpenMetrics text of a system of two gateways and two instances of each service."""
    made = Made(end, minutes)
    for number in (1, 2):
        _gateway(made, {"job": "gateway", "instance": f"10.0.0.{number}:8000"})
        for row, (service, model) in enumerate(SERVICES.items()):
            target = {"job": "service", "service": service, "instance": f"10.0.{row + 1}.{number}:8080"}
            _process(made, service, target, "models")
            _service(made, model, target)
    _others(made)
    return made.text()


def _process(made: Made, component: str, target: dict[str, str], *volumes: str) -> None:
    made.gauge("up", 1, **target)
    made.gauge("doctorai_build_info", 1, version="0.1.0", component=component, **target)
    made.gauge("memory_usage_percent", made.wave(45), **target)
    made.gauge("memory_usage_bytes", made.wave(4.5e8), **target)
    made.gauge("memory_limit_bytes", 1e9, **target)
    made.gauge("cpu_limit_cores", 1, **target)
    made.counter("process_cpu_seconds_total", 0.35, **target)
    made.gauge("process_open_fds", made.wave(60), **target)
    made.gauge("process_max_fds", 1024, **target)
    for volume in volumes:
        made.gauge("disk_free_bytes", made.wave(3e10, 0.02), volume=volume, **target)
        made.gauge("disk_size_bytes", 1e11, volume=volume, **target)


def _gateway(made: Made, target: dict[str, str]) -> None:
    _process(made, "gateway", target, "audit", "feedback")
    for route, a_second in (("/api/predict/{model}", 6.0), ("/api/chat", 1.0), ("/api/health", 0.5)):
        made.counter("http_requests_total", a_second, route=route, method="POST", status="200", **target)
        made.histogram("http_request_duration_seconds", a_second, 0.06, SECONDS, route=route, **target)
    made.counter("http_requests_total", 0.01, route="/api/predict/{model}", method="POST", status="503", **target)
    for name, value in _GATEWAY.items():
        made.gauge(name, made.wave(value) if value not in (0, 1, 64) else value, **target)
    made.gauge("audit_chain_checked_timestamp_seconds", lambda when: when - 3600, **target)
    made.counter("audit_events_lost_total", 0, **target)
    for reason, scope in (("rate_limited", "user"), ("overloaded", "model"), ("unauthorized", "credential")):
        made.counter("requests_refused_total", 0.05, reason=reason, scope=scope, **target)
    for outcome in ("ok", "unauthorized"):
        made.counter("sign_ins_total", 0.04, outcome=outcome, **target)
    for row, (service, model) in enumerate(SERVICES.items()):
        _asked(made, service, model, 1.5 / (row + 1), target)


_GATEWAY = {
    "http_requests_in_flight": 9.0,
    "http_requests_limit": 64,
    "callers_active": 17.0,
    "audit_pending_events": 2.0,
    "audit_lag_seconds": 0.2,
    "audit_failing": 0,
    "audit_chain_intact": 1,
    "redis_available": 1,
    "redis_latency_seconds": 0.0011,
    "rate_limits_shared": 1,
}


def _asked(made: Made, service: str, model: str, a_second: float, target: dict[str, str]) -> None:
    kinds = ("answer", "clarify", "emergency", "smalltalk") if model == "chatbot" else ("predicted", "abstained")
    for place, outcome in enumerate(kinds):
        version = {"model": model, "version": "1.0.0"}
        made.counter("model_requests_total", a_second / 4**place, **version, outcome=outcome, **target)
    for outcome in ("overloaded", "timeout"):
        made.counter("model_requests_total", a_second / 500, model=model, version="", outcome=outcome, **target)
    slow = 0.5 if model == "chatbot" else 0.03
    made.histogram("model_request_duration_seconds", a_second * 1.4, slow, SECONDS, model=model, **target)
    made.histogram("model_request_queue_seconds", a_second * 1.2, 0.001, SECONDS, model=model, **target)
    made.gauge("model_requests_in_flight", made.wave(2, 0.6), model=model, **target)
    made.gauge("model_requests_waiting", made.wave(0.4, 0.9), model=model, **target)
    made.gauge("model_availability", 1, model=model, **target)
    for state, count in (("ready", 2), ("not_ready", 0)):
        made.gauge("model_instances", count, model=model, state=state, **target)
    for state, count in (("closed", 2), ("open", 0), ("half_open", 0)):
        made.gauge("upstream_circuits", count, state=state, **target, service=service)
    made.counter("upstream_retries_total", 0.01, **target, service=service)
    made.counter("upstream_hedges_total", 0.02, **target, service=service)
    for outcome in ("hit", "miss", "shared"):
        made.counter("cache_lookups_total", a_second / 3, model=model, outcome=outcome, **target)
    for verdict, share in (("agree", 0.05), ("disagree", 0.004), ("unsure", 0.002)):
        made.counter("feedback_total", a_second * share, model=model, verdict=verdict, **target)
    for reason in ("out_of_distribution", "low_confidence"):
        count = a_second / 8
        made.counter("model_abstentions_total", count, model=model, version="1.0.0", reason=reason, **target)


def _service(made: Made, model: str, target: dict[str, str]) -> None:
    version = {"model": model, "version": "1.0.0"}
    for outcome, a_second in (("predicted", 0.8), ("abstained", 0.2), ("abandoned", 0.01)):
        made.counter("inference_requests_total", a_second, outcome=outcome, **version, **target)
    for stage, middle in (("queue", 0.002), ("decode", 0.006), ("inference", 0.02), ("total", 0.03)):
        made.histogram("inference_stage_duration_seconds", 1, middle, SECONDS, model=model, stage=stage, **target)
    made.histogram("inference_batch_size", 1, 1.6, (1, 2, 4, 8, 16), model=model, **target)
    for name, value in (("queue_length", 0.6), ("workers_busy", 0.9), ("workers", 2), ("ready", 1)):
        made.gauge(f"inference_{name}", made.wave(value, 0.5) if value < 1 else value, **target)
    made.histogram("inference_confidence", 1, 0.75, TENTHS, **version, **target)
    made.histogram("inference_ood_score", 1, 0.2, TENTHS, **version, **target)
    for place, label in enumerate(LABELS.get(model, ())):
        made.counter("inference_predicted_total", 0.5 / (place + 1), label=label, **version, **target)
    for trait in ("brightness", "contrast", "confidence", "classes"):
        made.gauge("inference_drift_psi", made.wave(0.06, 0.5), trait=trait, **version, **target)
    made.gauge("inference_model_info", 1, digest="sha256:0", role="active", **version, **target)
    made.counter("inference_load_failures_total", 0, model=model, **target)
    candidate = {"model": model, "answered": "1.0.0", "compared": "1.1.0", "outcome": "agree"}
    made.counter("inference_comparisons_total", 0.1, **candidate, **target)


def _others(made: Made) -> None:
    redis = {"job": "redis", "instance": "redis_exporter:9121"}
    made.gauge("up", 1, **redis)
    made.gauge("redis_up", 1, **redis)
    made.gauge("redis_memory_used_bytes", made.wave(4e7), **redis)
    made.gauge("redis_memory_max_bytes", 2.56e8, **redis)
    made.gauge("redis_connected_clients", made.wave(14), **redis)
    made.counter("redis_commands_processed_total", 60, **redis)
    made.counter("redis_evicted_keys_total", 0, **redis)
    own = {"job": "prometheus", "instance": "localhost:9090"}
    made.gauge("up", 1, **own)
    made.gauge("prometheus_tsdb_head_series", made.wave(4200, 0.05), **own)
    made.counter("prometheus_tsdb_head_samples_appended_total", 280, **own)
    made.counter("prometheus_rule_evaluation_failures_total", 0, **own)
    gpu = {"gpu": "0", "job": "service", "service": "xray", "instance": "10.0.2.1:8080"}
    made.gauge("gpu_utilization_ratio", made.wave(0.4, 0.5), **gpu)
    made.gauge("gpu_memory_used_bytes", made.wave(2e9), **gpu)
    made.gauge("gpu_memory_total_bytes", 1.6e10, **gpu)
    probe = {"job": "certificate", "instance": "https://nginx:443"}
    made.gauge("probe_ssl_earliest_cert_expiry", lambda when: when + 60 * 86400, **probe)
    _recorded(made)
    alert = {"alertname": "HighMemoryUsage", "alertstate": "firing", "severity": "warning"}
    made.gauge("ALERTS", 1, alertname="Watchdog", alertstate="firing", severity="none")
    made.gauge("ALERTS", 1, **alert, job="service", service="xray", instance="10.0.2.1:8080")


def _recorded(made: Made) -> None:
    """What ``deploy/prometheus/rules`` would make of it."""
    windows = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
    made.gauge("job:slo_requests:increase5m", made.wave(4000), job="gateway")
    made.gauge("job:slo_errors:increase5m", made.wave(1.5), job="gateway")
    for window in windows:
        made.gauge(f"job:slo_errors:ratio{window}", made.wave(0.0004), job="gateway")
    for model in SERVICES.values():
        late = 0.02 if model == "chatbot" else 0.001
        made.gauge("model:slo_answers:increase5m", made.wave(600), model=model)
        made.gauge("model:slo_slow:increase5m", made.wave(600 * late), model=model)
        for window in windows:
            made.gauge(f"model:slo_slow:ratio{window}", made.wave(late), model=model)


def now() -> float:
    """A whole step of Unix seconds, a little ago."""
    return float(int(time.time()) // STEP * STEP)
