"""The description of the interface for programs, held against the server by schemathesis
(https://schemathesis.readthedocs.io): requests of every shape that it allows, and of shapes that it does not."""

import json
import os
import pathlib
import subprocess
import sys

from harness import Server

# Seeded, and each operation asked some twenty times: a test that runs with all others.
EXAMPLES, SEED = "20", "7"
HOOKS = """
import schemathesis

schemathesis.serializer.alias(
    ["application/offset+octet-stream", "application/partial-upload"], "application/octet-stream")
"""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_the_server_answers_as_its_description_says(tmp_path):
    server = Server(tmp_path / "data").start()
    status, headers, body = server.request("GET", "/api/openapi.json")
    assert status == 200 and headers["Content-Type"].startswith("application/json")
    assert json.loads(body)["openapi"] == "3.1.0"
    batch = server.new_batch()
    batch.send(b"no photo")
    [image] = batch.settle()
    # What is asked for is there: else nearly all answers would be 404.
    (tmp_path / "schemathesis.toml").write_text(f"""
[parameters]
batch = "{batch.name}"
image = "{image}"
""")
    (tmp_path / "hooks.py").write_text(HOOKS)
    run = subprocess.run(
        [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", tmp_path / "schemathesis.toml", "run",
         f"{server.url}/api/openapi.json", "--url", server.url, "--header", f"Authorization: Bearer {batch.token}",
         "--checks", CHECKS, "--max-examples", EXAMPLES, "--seed", SEED, "--generation-database", "none", "--no-color",
         "--phases", "examples,coverage,fuzzing", "--request-timeout", "60",
         # It ends what the others ask for, and a delay is what it is for.
         "--exclude-operation-id", "deleteBatch", "--exclude-operation-id", "keepSilent"],
        cwd=tmp_path, env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=500)
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr
    assert server.process.poll() is None
    assert server.stop()[1] == 0
