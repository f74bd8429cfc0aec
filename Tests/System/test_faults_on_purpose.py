"""Faults on purpose (docs/operations.md): there where the operator said so, for who is at this machine, and for
nobody else."""

import json
import subprocess

import pytest

from harness import PAGES, PROGRAMS, Server

ADDRESS = "/api/lab/faults"
FAULTS = ["delay", "cut", "hold", "bad-gateway", "half-open", "slow", "outage"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("lab") / "data", "--lab").start()
    yield server
    server.stop()


def ask(server, headers=None, **members):
    body = {"run": "mine", "fault": "outage", "ms": 100, **members}
    return server.json("POST", ADDRESS, json.dumps(body), headers)


def test_without_the_setting_nothing_is_there(server):
    status, problem = ask(server)
    assert (status, problem["code"]) == (404, "not-found")
    assert server.request("GET", ADDRESS)[0] == 404
    assert "faults" not in server.json("GET", "/api/capabilities")[1]


def test_with_it_the_server_says_so_and_makes_them(lab):
    assert lab.json("GET", "/api/capabilities")[1]["faults"] == FAULTS
    for fault in FAULTS:
        status, said = ask(lab, fault=fault)
        assert status == 201 and (said["run"], said["fault"]) == ("mine", fault)
        assert said["from"] < said["until"]


@pytest.mark.parametrize("field", ["X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via"])
def test_who_comes_through_a_proxy_finds_nothing(lab, field):
    assert ask(lab, {field: "192.0.2.1"})[0] == 404
    assert "faults" not in lab.json("GET", "/api/capabilities", headers={field: "192.0.2.1"})[1]


def test_another_site_s_page_and_another_name_get_none(lab):
    assert ask(lab, {"Origin": "http://elsewhere.example"})[1]["code"] == "foreign-origin"
    assert ask(lab, {"Host": "photos.example"})[0] == 404


@pytest.mark.parametrize("members, limit, actual", [
    ({"run": "Mine"}, 32, 4), ({"run": ""}, 32, 0), ({"run": 33 * "a"}, 32, 33), ({"run": 7}, 32, None),
    ({"ms": 30_001}, 30_000, 30_001), ({"ms": -1}, 100, -1), ({"ms": None}, 30_000, None),
    ({"fault": "cut", "everyMs": 0}, 100, 0), ({"fault": "flood"}, None, None)])
def test_bad_values_are_a_sentence_with_the_limit(lab, members, limit, actual):
    status, problem = ask(lab, **members)
    assert (status, problem["code"]) == (400, "bad-request")
    assert (problem.get("limit"), problem.get("actual")) == (limit, actual)


def test_what_is_no_object_is_a_sentence(lab):
    for body in [b"", b"[]", b"{", b"7"]:
        status, problem = lab.json("POST", ADDRESS, body)
        assert (status, problem["code"]) == (400, "bad-request")


@pytest.mark.parametrize("flags", [
    ["--host", "0.0.0.0"], ["--host", "::"], ["--public-url", "https://photos.example"],
    ["--trusted-proxy", "127.0.0.1"]], ids=" ".join)
def test_a_server_that_others_reach_does_not_start_with_it(tmp_path, flags):
    done = subprocess.run(
        [PROGRAMS / "revela", "serve", "--lab", "--port", "0", "--data", tmp_path / "data", *PAGES, *flags],
        capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "Revela is at" not in done.stdout
    assert "lab is on, which makes faults on purpose" in done.stderr
    assert not (tmp_path / "data").exists()
