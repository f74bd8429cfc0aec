"""The audit log: who did what, and no secret in it (docs/operations.md)."""

import json
import subprocess

import websockets.sync.client

import tus
from grants import Key, revela
from harness import PROGRAMS, Server


def test_each_right_given_used_refused_or_withdrawn_is_a_line_without_secrets(tmp_path):
    log = tmp_path / "audit.log"
    server = Server(tmp_path / "data", "--audit-log", log).start()
    batch = server.new_batch()
    image = batch.send(b"no photo")[1]["id"]
    made = tus.ask(server.port, "POST", f"{batch.path}/images", {**tus.VERSION, **batch.headers, "Upload-Length": "3"})
    upload = tus.path_of(made)
    tus.ask(server.port, "PATCH", upload, {**tus.VERSION, **tus.BYTES, "Upload-Offset": "0"}, b"abc")
    batch.settle()
    assert server.request("GET", batch.path)[0] == 200
    assert server.request("GET", f"{batch.path}/images/{image}/original")[0] == 403
    assert server.request("DELETE", batch.path)[0] == 403
    url = f"ws://127.0.0.1:{server.port}{batch.path}/events"
    with websockets.sync.client.connect(url, proxy=None) as socket:
        socket.send(json.dumps({"id": 1, "retry": image}))
        next(message for message in map(json.loads, socket) if message.get("reply") == 1)
    status, drop = server.json("POST", f"{batch.path}/drops", json.dumps({"title": "Party"}), batch.headers)
    guest = server.json("POST", "/api/grants", json.dumps({"drop": drop["secret"]}))[1]
    assert server.request("DELETE", f"{batch.path}/drops/{drop['id']}", headers=batch.headers)[0] == 204
    key = Key(server, "--manage", "--audit-log", log)
    signed = key.grant(jti="album")
    server.json("POST", "/api/batches", headers={"Authorization": f"Bearer {signed}"})
    revela(server, "keys", "withdraw", key.id, "--audit-log", log)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert all("at" in line for line in lines)
    told = [(line.get("method"), line.get("status"), line.get("code")) for line in lines]
    for expected in [("POST", 201, None), ("GET", 403, "not-owner"), ("DELETE", 403, "not-owner"),
                     ("DELETE", 204, None)]:
        assert expected in told
    commands = {line.get("command"): line for line in lines}
    assert commands["retry"]["code"] == "not-owner"
    assert {"keys add", "keys withdraw"} <= set(commands)
    assert f"{key.id}/album" in [line.get("grant") for line in lines]
    assert {line["address"] for line in lines if "address" in line} == {"127.0.0.1"}
    # What reads a batch is one line for nobody, what continues an upload neither.
    assert not [line for line in lines if line.get("method") == "PATCH"]
    text = log.read_text()
    for secret in [batch.name, batch.token, upload.rsplit("/", 1)[1], drop["secret"], guest["ownerToken"],
                   guest["batch"], key.secret, signed]:
        assert secret not in text
    assert log.stat().st_mode & 0o777 == 0o600
    # A log that cannot be written is said at the start.
    server.stop()
    refused = subprocess.run(
        [PROGRAMS / "revela", "serve", "--port", "0", "--data", server.data, "--audit-log", tmp_path / "none" / "a.log"],
        capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0 and "cannot be written" in refused.stderr
