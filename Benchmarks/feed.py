"""One log, three transports, against nginx with nchan: memory of who listens, CPU of what is told,
delay under many batches, and polls with nothing new."""

import json
import os
import time

import measure
from measure import Report, kib, median
from servers import (PORT, Caller, Nginx, Revela, Streams, create_upload, run_load, running)

SUBSCRIBERS = int(os.environ.get("REVELA_BENCH_SUBSCRIBERS", "5000"))
BATCHES = int(os.environ.get("REVELA_BENCH_BATCHES", "1000"))
ROUNDS = int(os.environ.get("REVELA_BENCH_ROUNDS", "5"))
EVENTS = 20


def events_path(revela, batch=None):
    return f"{(batch or revela.batch).path}/events"


def idle(report):
    """Memory of a subscriber that only waits, and what remains when all have left."""
    for kind in ["sse", "ws", "longpoll"]:
        for used in [False, True] if kind != "longpoll" else [False]:
            growth, left = {}, {}
            for make in [lambda: Revela(PORT + 1), lambda: Nginx(PORT + 2)]:
                with running(make()) as server:
                    name = type(server).__name__
                    growth[name], left[name] = idle_growth(server, kind, used)
            label = {"sse": "SSE", "ws": "WebSocket", "longpoll": "long poll"}[kind]
            where = " on a used connection" if used else ""
            goal = {"longpoll": ""}.get(kind, "10 KiB" if used else "8 KiB")
            report.row(f"idle {label}{where}, memory each", kib(growth["Revela"]), goal,
                       kib(growth["Nginx"]))
            report.row(f"after all {label}{where} left, growth over the start",
                       f"{left['Revela']:.0f} %", "20 %", f"{left['Nginx']:.0f} %")


def idle_growth(server, kind, used):
    is_revela = isinstance(server, Revela)
    if is_revela:
        path = events_path(server)
        if kind == "longpoll":
            cursor = server.server.json("GET", server.batch.path)[1]["cursor"]
            path += f"?after={cursor}&wait=55"
    else:
        path = f"/sub/idle-{kind}"
    options = ["--warm", server.batch.path if is_revela else "/warm"] if used else []
    # What is made once is no subscriber's.
    first = Streams(server.port, kind, 100, [path], *options)
    first.close()
    time.sleep(1)
    before = server.pss()
    streams = Streams(server.port, kind, SUBSCRIBERS, [path], *options)
    time.sleep(1.5)
    after = server.pss()
    if kind != "longpoll":
        assert streams.count()["open"] == SUBSCRIBERS
    streams.close()
    samples = []
    measure.eventually(lambda: samples.append(server.pss()) or samples[-1] < 1.2 * before, 20, 0.5)
    return (after - before) / SUBSCRIBERS, 100 * (samples[-1] / before - 1)


def fan_out(report):
    """One event to all subscribers: server CPU a delivery. Pairs, one after the other."""
    with running(Revela(PORT + 1), Nginx(PORT + 2)) as (revela, nginx):
        caller = Caller(revela.port, [revela.authorization])
        publisher = Caller(nginx.port)
        create_upload(caller, revela.batch.path)  # Keeps the batch open: one event a change.
        for kind in ["sse", "ws"]:
            ours = Streams(revela.port, kind, SUBSCRIBERS, [events_path(revela)])
            theirs = Streams(nginx.port, kind, SUBSCRIBERS, [f"/sub/fan-{kind}"])
            costs, delays = {"Revela": [], "Nginx": []}, {"Revela": [], "Nginx": []}
            bytes_ = {}
            for _ in range(ROUNDS):
                for server, streams, tell in [
                    (revela, ours, teller_of_revela(revela, caller)),
                    (nginx, theirs, teller_of_nginx(publisher, f"/pub/fan-{kind}")),
                ]:
                    cost, delay, size = tell_all(server, streams, tell)
                    name = type(server).__name__
                    costs[name].append(cost)
                    delays[name].append(delay)
                    bytes_[name] = size
            ours.close()
            theirs.close()
            ratio = median(a / b for a, b in zip(costs["Revela"], costs["Nginx"]))
            label = {"sse": "SSE", "ws": "WebSocket"}[kind]
            report.row(
                f"one event to {SUBSCRIBERS} {label}, CPU a delivery",
                f"{median(costs['Revela']):.2f} µs, {ratio:.2f} of the peer's", "1.05 of nchan's",
                f"{median(costs['Nginx']):.2f} µs", {"costs": costs, "bytes": bytes_})
            report.row(f"one event to {SUBSCRIBERS} {label}, made to last socket",
                       f"{median(delays['Revela']):.0f} ms", "", f"{median(delays['Nginx']):.0f} ms")


def teller_of_revela(revela, caller):
    pending = []

    def tell():
        if pending:
            status, _, body = caller.call("DELETE", pending.pop(), headers={"Tus-Resumable": "1.0.0"})
            assert status == 204, body
        else:
            pending.append(create_upload(caller, revela.batch.path))
    return tell


def teller_of_nginx(publisher, path):
    count = [int(time.time() * 1000)]

    def tell():
        count[0] += 1
        moment = time.time()
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment % 1 * 1000):03d}Z"
        image = f"i_{count[0]:026d}"
        event = {"at": at, "image": image, "patch": {"images": {image: {
            "name": "IMG_0001.jpg", "position": 1, "size": 3000000, "state": "uploading"}}},
            "seq": count[0], "type": "image.created"}
        status, _, body = publisher.call("POST", path, json.dumps(event, separators=(",", ":")),
                                         {"Content-Type": "application/json"})
        assert status in (201, 202), body
    return tell


def tell_all(server, streams, tell):
    """CPU microseconds a delivery, the median of the slowest delivery in ms, bytes a delivery."""
    before, bytes_before = server.cpu(), streams.count()["bytes"]
    slowest = []
    for _ in range(EVENTS):
        streams.prepare(SUBSCRIBERS)
        tell()
        answer = streams.expected()
        assert answer["events"] == SUBSCRIBERS, answer
        slowest.append(answer["delay_ms"]["max"])
    spent = server.cpu() - before
    bytes_ = streams.count()["bytes"] - bytes_before
    deliveries = EVENTS * SUBSCRIBERS
    return spent / deliveries * 1e6, median(slowest), bytes_ / deliveries


def many_batches(report):
    """1,000 batches with 5 subscribers each, 1,000 events a second in all."""
    seconds, each = 10, 5
    with running(Revela(PORT + 1), Nginx(PORT + 2)) as (revela, nginx):
        caller = Caller(revela.port, [revela.authorization])
        paths = [new_batch(caller) for _ in range(BATCHES)]
        for path in paths:
            create_upload(caller, path)
        sides = {
            "Revela": (revela, "tus", [f"{path}/images" for path in paths],
                       [f"{path}/events" for path in paths], [revela.authorization]),
            "Nginx": (nginx, "publish", [f"/pub/m{i}" for i in range(BATCHES)],
                      [f"/sub/m{i}" for i in range(BATCHES)], []),
        }
        streams = {name: Streams(side[0].port, "sse", BATCHES * each, side[3])
                   for name, side in sides.items()}
        figures = {name: [] for name in sides}
        for _ in range(3):
            for name, (server, kind, targets, _, headers) in sides.items():
                figures[name].append(
                    steady(server, streams[name], kind, targets, headers, seconds, each))
        for one in streams.values():
            one.close()

    def of(name, key):
        return median(figure[key] for figure in figures[name])
    lost = {name: sum(figure["lost"] for figure in figures[name]) for name in sides}
    report.row(f"{BATCHES} batches × {each} SSE, 1,000 events/s: p99 from made to socket",
               f"{of('Revela', 'p99'):.1f} ms (p50 {of('Revela', 'p50'):.1f}), {lost['Revela']} lost",
               "20 ms, 0 lost", f"{of('Nginx', 'p99'):.1f} ms, {lost['Nginx']} lost", figures)
    report.row(f"{BATCHES} batches × {each} SSE, 1,000 events/s: CPU",
               f"{of('Revela', 'cpu'):.0f} % of a core", "", f"{of('Nginx', 'cpu'):.0f} %")


def new_batch(caller):
    status, _, body = caller.call("POST", "/api/batches")
    assert status == 201, body
    return f"/api/batches/{json.loads(body)['document']['id']}"


def steady(server, streams, kind, targets, headers, seconds, each):
    streams.count()
    before = server.cpu()
    sent = run_load("requests", server.port, targets, "--kind", kind, "--rate", "1000",
                    "--seconds", str(seconds), "--count", "32", headers=headers, name="steady")
    spent = server.cpu() - before
    time.sleep(1)
    got = streams.count()
    return {"p50": got["delay_ms"]["p50"], "p99": got["delay_ms"]["p99"],
            "max": got["delay_ms"]["max"], "lost": sent["ok"] * each - got["events"],
            "gaps": got["gaps"], "repeats": got["repeats"], "answer_p99": sent["delay_ms"]["p99"],
            "failed": sent["failed"], "seconds": sent["seconds"],
            "cpu": 100 * spent / sent["seconds"]}


def polls(report):
    """2,000 polls a second with nothing new, each with its validator."""
    seconds, count = 5, 100
    with running(Revela(PORT + 1), Nginx(PORT + 2)) as (revela, nginx):
        caller = Caller(revela.port, [revela.authorization])
        ours, theirs = [], []
        publisher = Caller(nginx.port)
        for i in range(count):
            path = f"{new_batch(caller)}/events"
            cursor = json.loads(caller.call("GET", path)[2])["cursor"]
            headers = caller.call("GET", f"{path}?after={cursor}")[1]
            ours.append(f"{path}?after={cursor}\tIf-None-Match: {headers['ETag']}")
            teller_of_nginx(publisher, f"/pub/p{i}")()
            headers = publisher.call("GET", f"/poll/p{i}")[1]
            theirs.append(f"/poll/p{i}\tIf-None-Match: {headers['Etag']}"
                          f"\tIf-Modified-Since: {headers['Last-Modified']}")
        costs = {"Revela": [], "Nginx": []}
        delays = {"Revela": [], "Nginx": []}
        for _ in range(3):
            for server, targets in [(revela, ours), (nginx, theirs)]:
                before = server.cpu()
                sent = run_load("requests", server.port, targets, "--kind", "get", "--rate", "2000",
                                "--seconds", str(seconds), "--count", "32", name="polls")
                spent = server.cpu() - before
                name = type(server).__name__
                assert sent["not_modified"] == sent["answered"] == 2000 * seconds, (name, sent)
                costs[name].append(spent / sent["answered"] * 1e6)
                delays[name].append(sent["delay_ms"]["p99"])
        report.row("2,000 polls/s with nothing new, CPU a poll", f"{median(costs['Revela']):.1f} µs",
                   "", f"{median(costs['Nginx']):.1f} µs", {"costs": costs, "p99": delays})


def run(only=None):
    report = Report("feed")
    for part in [idle, fan_out, many_batches, polls]:
        if only in (None, part.__name__):
            part(report)
