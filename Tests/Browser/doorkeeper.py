"""Stands before the server and sees which connections carry events, whoever opened them: a page, or
nobody any more."""

import re
import socket
import threading

EVENTS = re.compile(rb"GET /api/batches/[^/ ]+/events")


class Doorkeeper:
    def __init__(self, server):
        self.server = server
        self.opened = 0  # streams of events so far, and polls
        self.streams = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                upstream = socket.create_connection(("127.0.0.1", self.server.port))
            except OSError:
                client.close()
                continue
            name = object()
            for source, target, watched in [(client, upstream, name), (upstream, client, None)]:
                threading.Thread(
                    target=self._pump, args=(source, target, watched), daemon=True).start()

    def _pump(self, source, target, watched):
        try:
            while data := source.recv(65_536):
                if watched is not None and EVENTS.search(data):
                    with self.lock:
                        self.opened += 1
                        self.streams.add(watched)
                target.sendall(data)
        except OSError:
            pass
        finally:
            with self.lock:
                self.streams.discard(watched)
            for one in [source, target]:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
