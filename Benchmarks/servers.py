"""The servers that are compared, each started as its own documentation says, on loopback, with what
it would have in the field and nothing that makes it slow: no access logs, one process of nginx."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests"))

from harness import Server  # noqa: E402
import measure  # noqa: E402

LOAD = measure.FOLDER / "load"
PORT = int(os.environ.get("REVELA_BENCH_PORT", "9700"))

NGINX = """
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
worker_rlimit_nofile 20000;
events {{ worker_connections 19000; }}
http {{
  access_log off; keepalive_timeout 75; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/t1; fastcgi_temp_path {folder}/t2;
  uwsgi_temp_path {folder}/t3; scgi_temp_path {folder}/t4;
  nchan_shared_memory_size 512M;
  server {{
    listen 127.0.0.1:{port}; root {folder};
    client_max_body_size 0;
    location = /warm {{ return 200 "warm\\n"; }}
    location ~ ^/pub/(.+)$ {{ nchan_publisher; nchan_channel_id $1; nchan_message_timeout 10m;
                              nchan_message_buffer_length 256; }}
    location ~ ^/sub/(.+)$ {{ nchan_subscriber eventsource websocket longpoll; nchan_channel_id $1;
                              nchan_subscriber_first_message newest; nchan_eventsource_ping_interval 15;
                              nchan_websocket_ping_interval 15; }}
    location ~ ^/poll/(.+)$ {{ nchan_subscriber intervalpoll; nchan_channel_id $1;
                               nchan_subscriber_first_message newest; }}
    location /put/ {{ dav_methods PUT; create_full_put_path on; }}
  }}
}}
"""


def scratch(name):
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=measure.FOLDER))
    os.chmod(folder, 0o777)
    return folder


class Nginx:
    def __init__(self, port):
        self.port = port
        self.folder = scratch("nginx")
        (self.folder / "put").mkdir(mode=0o777)
        os.chmod(self.folder / "put", 0o777)
        configuration = self.folder / "nginx.conf"
        user = "user root;\n" if os.getuid() == 0 else ""
        configuration.write_text(user + NGINX.format(folder=self.folder, port=port))
        self.process = subprocess.Popen(["nginx", "-c", configuration, "-p", self.folder],
                                        stderr=open(self.folder / "start.log", "wb"))
        wait_for_port(port, self.process, self.folder / "start.log")

    @property
    def pid(self):
        return self.process.pid

    def cpu(self):
        return measure.cpu_of_tree(self.pid)

    def pss(self):
        return measure.pss(self.pid, *measure.children(self.pid))

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


class Revela:
    """The server alone where `cpu` and `pss` are asked; `cpu_with_workers` has all."""

    def __init__(self, port, *flags):
        self.folder = scratch("revela")
        self.server = Server(self.folder / "data", "--log-level", "warning", *flags, port=port)
        self.server.start()
        self.port = port
        self.batch = self.server.new_batch()
        self.authorization = f"Authorization: Bearer {self.batch.token}"

    @property
    def pid(self):
        return self.server.process.pid

    def cpu(self):
        return measure.cpu(self.pid)

    def cpu_with_workers(self):
        return measure.cpu_of_tree(self.pid)

    def pss(self):
        return measure.pss(self.pid)

    def stop(self):
        self.server.stop(30)
        shutil.rmtree(self.folder, ignore_errors=True)


class TusPyServer:
    """tuspyserver under uvicorn, one process, as its README shows it."""

    PROGRAM = """
import sys, uvicorn
from fastapi import FastAPI
from tuspyserver import create_tus_router
app = FastAPI()
app.include_router(create_tus_router(prefix="files", files_dir=sys.argv[2], max_size=1 << 40))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
"""

    def __init__(self, port):
        self.port = port
        self.folder = scratch("tus")
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.PROGRAM, str(port), self.folder / "files"],
            stderr=open(self.folder / "log", "wb"))
        wait_for_port(port, self.process, self.folder / "log")

    def cpu(self):
        return measure.cpu_of_tree(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_for_port(port, process, log):
    for _ in range(200):
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/")
            connection.getresponse().read()
            connection.close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"it does not start: {pathlib.Path(log).read_text()}")


@contextlib.contextmanager
def running(*servers):
    try:
        yield servers if len(servers) > 1 else servers[0]
    finally:
        for server in servers:
            server.stop()


# The load generator


def target_file(name, lines):
    """Each line: a path, and after tabs its header lines, or the file to send."""
    file = measure.FOLDER / f"{name}.targets"
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def load(command, port, lines, *options, headers=(), name="load"):
    arguments = [LOAD, command, "--port", str(port), "--paths", target_file(name, lines)]
    for header in headers:
        arguments += ["--header", header]
    return [str(part) for part in [*arguments, *options]]


def run_load(*arguments, **names):
    done = subprocess.run(load(*arguments, **names), capture_output=True, text=True, timeout=900)
    if done.returncode or done.stderr:
        print(done.stderr[:500], file=sys.stderr)
    return json.loads(done.stdout)


class Streams:
    """A load generator that holds streams open."""

    def __init__(self, port, kind, count, lines, *options, headers=(), name="streams"):
        self.process = subprocess.Popen(
            load("streams", port, lines, "--kind", kind, "--count", str(count), *options,
                 headers=headers, name=f"{name}-{port}-{kind}"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self._answer()
        if self.ready["refused"]:
            raise RuntimeError(f"{self.ready['refused']} streams were refused")

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator ended")
        return json.loads(line)

    def _say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def count(self):
        self._say("count")
        return self._answer()

    def prepare(self, events):
        self._say(f"expect {events}")

    def expected(self):
        return self._answer()

    def close(self):
        if self.process.poll() is None:
            with contextlib.suppress(BrokenPipeError):
                self._say("quit")
            self.process.wait(30)


class Caller:
    """One kept-alive connection."""

    def __init__(self, port, headers=()):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = dict(header.split(": ", 1) for header in headers)

    def call(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body=body, headers={**self.headers, **(headers or {})})
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()


def create_upload(caller, path, length=3_000_000):
    status, headers, body = caller.call("POST", f"{path}/images", headers={
        "Tus-Resumable": "1.0.0", "Upload-Length": str(length),
        "Upload-Metadata": "filename SU1HXzAwMDEuanBn"})
    assert status == 201, (status, body)
    return headers["Location"]
