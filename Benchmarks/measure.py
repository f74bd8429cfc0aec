"""What is measured, and how: CPU time and memory of process trees by /proc, medians of interleaved
rounds. The clock on the wall says little on a machine that others use, too."""

import json
import os
import pathlib
import statistics
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
FOLDER = pathlib.Path(os.environ.get("REVELA_BENCH_FOLDER", ".build-bench")).resolve()
RESULTS = FOLDER / "results.json"


def _stat(pid):
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + 2:].split()


def children(pid):
    """Of any of its threads, their own children included."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*"):
        try:
            direct = [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
        for child in direct:
            found += [child, *children(child)]
    return found


def cpu(pid):
    """Seconds of user and system time of one process alone."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICK


def cpu_of_tree(pid):
    """Seconds of the process, of all its living children, and of those it has reaped."""
    fields = _stat(pid)
    total = sum(int(field) for field in fields[11:15]) / TICK
    for child in children(pid):
        try:
            total += sum(int(field) for field in _stat(child)[11:15]) / TICK
        except OSError:
            pass  # It ended between the two looks; its parent's next look has it.
    return total


def can_run(pid):
    """False once it uses no CPU any more: it is gone, or only its exit status is left."""
    try:
        return _stat(pid)[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run_milliseconds(pid):
    """Time on a CPU of all its threads up to this moment, by its clock (clock_getcpuclockid(3));
    /proc counts only what is over. None when it is gone."""
    try:
        return time.clock_gettime(~pid << 3 | 2) * 1000
    except OSError:
        return None


def memory(pid, *names):
    """Bytes by /proc/PID/smaps_rollup: the sum of the named lines."""
    total = 0
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name = line.split(":")[0]
        if name in names:
            total += int(line.split()[1]) * 1024
    return total


def pss(*pids):
    """Resident bytes, shared pages counted by their share."""
    return sum(memory(pid, "Pss") for pid in pids)


def private(pid):
    """Bytes that are this process's alone. A worker shows only root its maps; others are told its
    resident size without what it shares with files."""
    try:
        return memory(pid, "Private_Clean", "Private_Dirty")
    except PermissionError:
        fields = pathlib.Path(f"/proc/{pid}/statm").read_text().split()
        return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGESIZE")


def resident(pid, name="VmRSS"):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def forget_peak(pid):
    """proc(5): the peak of the resident size starts anew."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid):
    return resident(pid, "VmHWM")


median = statistics.median


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * (len(values) - 1) + 0.5))]


class Report:
    """Rows of one part: a name, what was reached, what a peer has, the goal."""

    def __init__(self, part):
        self.part = part
        self.rows = []
        self.load = [os.getloadavg()[0]]

    def row(self, name, reached, goal="", peer="", detail=None):
        self.load.append(os.getloadavg()[0])
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.rows.append({"name": name, "reached": reached, "goal": goal, "peer": peer,
                          "load": round(self.load[-1], 1), "when": when, "detail": detail})
        print(f"{self.part}: {name}: {reached}" + (f" | peer {peer}" if peer else "")
              + (f" | goal {goal}" if goal else "") + f" | load {self.load[-1]:.1f}", flush=True)
        self.save()

    def save(self):
        """Beside what earlier runs found; a row of the same name is replaced."""
        known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        rows = {row["name"]: row for row in known.get(self.part, [])}
        rows |= {row["name"]: row for row in self.rows}
        known[self.part] = list(rows.values())
        RESULTS.write_text(json.dumps(known, indent=1))


def kib(bytes_):
    return f"{bytes_ / 1024:.1f} KiB"


def mib(bytes_):
    return f"{bytes_ / 1048576:.1f} MiB"


def eventually(condition, seconds, pause=0.1):
    """Whether it became true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(pause)
    return condition()


class Asker(threading.Thread):
    """Somebody who asks one thing after another, and how long each answer took."""

    def __init__(self, ask, pause):
        super().__init__(daemon=True)
        self.ask, self.pause = ask, pause
        self.milliseconds, self.refused = [], 0
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(self.pause):
            began = time.monotonic()
            try:
                if self.ask() >= 400:
                    self.refused += 1
            except OSError:
                self.refused += 1
            self.milliseconds.append((time.monotonic() - began) * 1000)

    def finish(self):
        self.over.set()
        self.join(60)
        return self.milliseconds
