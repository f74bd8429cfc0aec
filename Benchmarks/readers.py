"""The ways that a reader can pick, for whatever follows a batch in each of them, and what goes over a
reader's sockets."""

import socket
import struct

import clients


def every(seconds):
    return lambda place, after, haste=1: clients.polling(place, after, lambda busy: seconds)


def adaptive(place, after, haste=1):
    """The pace of the page in front."""
    return clients.polling(place, after, lambda busy: 0.25 if busy else 2)


WAYS = {
    "polling every 5 s": every(5), "polling every second": every(1), "adaptive polling": adaptive,
    "long polling": clients.long, "Server-Sent Events": clients.sse,
    "WebSocket": clients.websocket}


def note_sockets(loop, sockets, counts=lambda: True):
    """Every connection that `loop` opens from now on, where it counts, is kept in `sockets`."""
    connect = loop.create_connection

    async def noted(*arguments, **options):
        transport, protocol = await connect(*arguments, **options)
        if counts():
            sockets.append(transport.get_extra_info("socket"))
        return transport, protocol
    loop.create_connection = noted


def traffic(socket_):
    """Bytes both ways, by the kernel: tcpi_bytes_acked and tcpi_bytes_received of tcp(7)."""
    if socket_.fileno() < 0:
        return 0
    info = socket_.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 136)
    return sum(struct.unpack_from("QQ", info, 120))
