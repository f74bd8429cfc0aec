"""The reverse proxies of docs/proxies, run as they stand there but for addresses and timeouts, so
that the samples are known to work."""

import contextlib
import getpass
import pathlib
import socket
import subprocess
import time

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "docs" / "proxies"

def nginx_site(said="", inside=""):
    """An nginx as others have it: with what is `said` of the site, and `inside` its location. Where
    nothing is said, of bodies, streams or upgrades, it is as nginx comes: bodies of 1 MiB, each held
    back until it is whole, and HTTP/1.0 to the server."""
    return (f"server {{ listen 80; {said} location / {{ {inside} "
            "proxy_pass http://127.0.0.1:8080; } }")


BARE_NGINX = nginx_site()


def changed(text, **changes):
    """The text with each `old` replaced; a sample that no longer has it is an error here."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def nginx(folder, port, server_port, timeout, sample=None):
    site = sample or (SAMPLES / "nginx.conf").read_text()
    site = changed(site, **{"listen 80;": f"listen 127.0.0.1:{port};",
                            "127.0.0.1:8080": f"127.0.0.1:{server_port}"})
    if sample is None:
        site = changed(site, **{"timeout 60s": f"timeout {timeout}s"})
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};"
                     for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
    (folder / "nginx.conf").write_text(
        f"daemon off; user {getpass.getuser()}; worker_processes 1; pid {folder}/pid;\n"
        f"error_log stderr; events {{ worker_connections 512; }}\n"
        f"http {{ access_log off; {paths}\n{site}\n}}\n")
    return ["/usr/sbin/nginx", "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"]


def bare_nginx(folder, port, server_port, timeout):
    return nginx(folder, port, server_port, timeout, BARE_NGINX)


def narrow_nginx(folder, port, server_port, timeout):
    """Takes bodies of 100 KiB."""
    return nginx(folder, port, server_port, timeout, nginx_site("client_max_body_size 100k;"))


def post_only_nginx(folder, port, server_port, timeout):
    """Lets no method pass but those of pages and forms."""
    site = nginx_site("client_max_body_size 0;", "limit_except GET POST { deny all; }")
    return nginx(folder, port, server_port, timeout, site)


def login_nginx(folder, port, server_port, timeout):
    """Asks who it is for as long as there is a file called `logged-out` in its folder."""
    site = nginx_site("client_max_body_size 0;", f"if (-f {folder}/logged-out) {{ return 401; }}")
    return nginx(folder, port, server_port, timeout, site)


def wide_nginx(folder, port, server_port, timeout):
    """Takes bodies of any size, and holds each back until it is whole."""
    return nginx(folder, port, server_port, timeout, nginx_site("client_max_body_size 0;"))


def caddy(folder, port, server_port, timeout):
    site = changed((SAMPLES / "Caddyfile").read_text(), **{
        "photos.example": f"http://127.0.0.1:{port}",
        "reverse_proxy 127.0.0.1:8080": f"reverse_proxy 127.0.0.1:{server_port} {{\n"
        f"transport http {{\nread_timeout {timeout}s\nwrite_timeout {timeout}s\n}}\n}}"})
    (folder / "Caddyfile").write_text(f"{{\nadmin off\n}}\n{site}")
    return ["/usr/bin/env", f"HOME={folder}", "/usr/bin/caddy", "run", "--adapter", "caddyfile",
            "--config", folder / "Caddyfile"]


def haproxy(folder, port, server_port, timeout):
    site = changed((SAMPLES / "haproxy.cfg").read_text(), **{
        "bind :80": f"bind 127.0.0.1:{port}", "127.0.0.1:8080": f"127.0.0.1:{server_port}",
        "client 60s": f"client {timeout}s", "server 60s": f"server {timeout}s",
        "tunnel 60s": f"tunnel {timeout}s"})
    (folder / "haproxy.cfg").write_text(site)
    return ["/usr/sbin/haproxy", "-db", "-f", folder / "haproxy.cfg"]


PROXIES = {"nginx": nginx, "caddy": caddy, "haproxy": haproxy}


@contextlib.contextmanager
def running(make, folder, server_port, timeout=60):
    """Runs one in front of `server_port` and yields its own port; `timeout` in seconds is how long
    it bears silence."""
    folder.mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            make(folder, port, server_port, timeout), stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(20)
