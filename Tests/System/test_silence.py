"""An answer that is kept back for as long as it is asked for: the route report's measure of patience."""

import http.client
import threading
import time

import pytest

from harness import until


def test_it_answers_after_the_time_that_was_asked_for(server):
    began = time.monotonic()
    status, headers, body = server.request("GET", "/api/silence?seconds=2")
    assert (status, body, headers["Cache-Control"]) == (204, b"", "no-store")
    assert 2 <= time.monotonic() - began < 20


@pytest.mark.parametrize("query", ["", "?seconds=0", "?seconds=121", "?seconds=-1", "?seconds=soon", "?seconds=1.5"])
def test_another_time_is_refused_with_the_limit(server, query):
    status, problem = server.json("GET", f"/api/silence{query}")
    assert (status, problem["code"], problem["limit"]) == (400, "bad-request", 120)


def test_so_many_are_kept_at_a_time_and_no_more(server):
    waiting = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(32)]
    for connection in waiting:
        connection.request("GET", "/api/silence?seconds=120")
    # Asking whether all are kept takes a place for a second, and one of them may have been refused it.
    with until("the refusal") as again:
        while server.json("GET", "/api/silence?seconds=1")[0] != 429:
            waiting.append(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60))
            waiting[-1].request("GET", "/api/silence?seconds=120")
            again()
    status, problem = server.json("GET", "/api/silence?seconds=1")
    assert (status, problem["code"], problem["limit"]) == (429, "too-many-requests", 32)
    # A server that stops does not wait for them, and they are answered.
    answers = []
    threads = [threading.Thread(target=lambda one=one: answers.append(one.getresponse().status))
               for one in waiting]
    for thread in threads:
        thread.start()
    seconds, status = server.stop()
    for thread in threads:
        thread.join(30)
    assert (seconds < 10, status) == (True, 0)
    assert answers.count(204) == 32 and answers.count(429) == len(waiting) - 32
