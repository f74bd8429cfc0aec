"""Writes the figures that docs/choosing.md, its Portuguese twin and the comparing page share, each in
one place: `scripts/choosing`. The lines of code are counted anew; what `scripts/bench transports` has
measured is taken over from its results, where there are some, and stays as it is where there are none."""

import json
import os
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / os.environ.get("REVELA_BENCH_FOLDER", ".build-bench") / "results.json"
SHARED = ROOT / "Public" / "js" / "lab" / "measured.js"

WAYS = {
    "polling5": "polling every 5 s", "polling1": "polling every second", "adaptive": "adaptive polling",
    "long": "long polling", "sse": "Server-Sent Events", "websocket": "WebSocket"}

# What only one of them needs. What all share (the cursor, the log, coming back) is the same for all.
CODE = {
    "polling": ["Public/js/transports/polling.js", "Sources/Web/Transports/Polling.swift"],
    "sse": ["Public/js/transports/sse.js", "Sources/Web/Transports/EventStream.swift"],
    "websocket": ["Public/js/transports/websocket.js", "Public/js/transports/inbox.js",
                  "Sources/Web/Transports/WebSocket"]}
COMMENT = re.compile(r"^\s*(//|/?\*)")

WORDS = {
    "docs/choosing.md": {
        "ways": {"polling5": "polling every 5 seconds", "polling1": "polling every second",
                 "adaptive": "adaptive polling", "long": "long polling", "sse": "Server-Sent Events",
                 "websocket": "WebSocket"},
        "figures": ["way", "news after: median, p99", "far", "requests: at work, at rest", "KiB", "CPU, ms"],
        "code": ["transport", "page", "server"], "point": ".",
        "none": "none"},
    "docs/choosing.pt-BR.md": {
        "ways": {"polling5": "polling a cada 5 segundos", "polling1": "polling a cada segundo",
                 "adaptive": "polling adaptativo", "long": "long polling", "sse": "Server-Sent Events",
                 "websocket": "WebSocket"},
        "figures": ["maneira", "novidade após: mediana, p99", "longe", "requisições: no trabalho, em repouso",
                    "KiB", "CPU, ms"],
        "code": ["transporte", "página", "servidor"], "point": ",",
        "none": "nenhuma"}}


def lines_of(path):
    """Without empty lines and comments."""
    place = ROOT / path
    files = sorted(place.glob("*.swift")) if place.is_dir() else [place]
    return sum(1 for file in files for line in file.read_text().splitlines()
               if line.strip() and not COMMENT.match(line))


def counted():
    return {name: {"page": sum(lines_of(path) for path in paths if path.startswith("Public")),
                   "server": sum(lines_of(path) for path in paths if path.startswith("Sources"))}
            for name, paths in CODE.items()}


def known():
    """What the shared module holds: JSON after its first `=`, but for quotes and last commas."""
    text = SHARED.read_text().partition("measured = ")[2].rstrip().rstrip(";")
    text = re.sub(r'"?(\w+)"?:', r'"\1":', text)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def measured():
    """The rows of `scripts/bench transports`, or None where not all of them are there."""
    rows = {}
    if RESULTS.exists():
        rows = {row["name"]: row for row in json.loads(RESULTS.read_text()).get("transports", [])}
    if not all(name in rows for name in WAYS.values()):
        return None
    ways = {}
    for way, name in WAYS.items():
        [near, far] = re.findall(r"p50 (\d+) ms, p99 (\d+) ms", rows[name]["reached"])
        cost = {phase: [round(value, 1) for value in rows[name]["detail"][phase]]
                for phase in ("work", "rest")}
        ways[way] = {"near": [int(value) for value in near], "far": [int(value) for value in far],
                     **{kind: [cost["work"][index], cost["rest"][index]]
                        for index, kind in enumerate(["requests", "bytes", "cpu"])}}
    return {"when": min(rows[name]["when"] for name in WAYS.values())[:10], "ways": ways}


def number(value, point):
    text = f"{value:.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
    return text.replace(".", point)


def time(ms, point):
    if ms < 500:
        return f"{ms} ms"
    return f"{ms / 1000:.1f} s".replace(".", point)


def table(head, rows):
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, *rows]).replace(
        "\n", "\n|" + "---|" * len(head) + "\n", 1)


def tables(shared, words):
    point = words["point"]
    rows = []
    for way, found in shared["ways"].items():
        asked = [number(value, point) for value in found["requests"]]
        rows.append([
            words["ways"][way], ", ".join(time(ms, point) for ms in found["near"]),
            ", ".join(time(ms, point) for ms in found["far"]),
            words["none"] if found["requests"][0] < 1 else ", ".join(asked),
            ", ".join(number(value / 1024, point) for value in found["bytes"]),
            ", ".join(number(value, point) for value in found["cpu"])])
    code = [[name, str(of["page"]), str(of["server"])] for name, of in shared["lines"].items()]
    names = {"polling": words["ways"]["long"].replace("long ", ""), "sse": words["ways"]["sse"],
             "websocket": words["ways"]["websocket"]}
    return {"figures": table(words["figures"], rows),
            "code": table(words["code"], [[names[name], *rest] for name, *rest in code])}


def written(text, name, what):
    """The page with what stands between its marks replaced."""
    begin, end = f"<!-- {name}: scripts/choosing -->\n", f"\n<!-- /{name} -->"
    before, found, rest = text.partition(begin)
    assert found and end in rest, f"the page has no marks for {name}"
    return before + begin + what + end + rest.partition(end)[2]


def main():
    shared = known() | (measured() or {}) | {"lines": counted()}
    text = SHARED.read_text().partition("measured = ")[0]
    SHARED.write_text(f"{text}measured = {json.dumps(shared, indent=4)};\n")
    for page, words in WORDS.items():
        path = ROOT / page
        text = path.read_text()
        for name, what in tables(shared, words).items():
            text = written(text, name, what)
        path.write_text(text.replace(re.search(r"\d{4}-\d\d-\d\d", text)[0], shared["when"]))
    print(f"lines counted; transports measured on {shared['when']}")


main()
