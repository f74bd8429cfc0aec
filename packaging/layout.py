#!/usr/bin/env python3
"""Writes an OCI image layout of one layer: what https://github.com/opencontainers/image-spec asks for, and no more.

    packaging/layout.py ROOT.tar FOLDER ARCHITECTURE VERSION COMMIT SECONDS

SECONDS since 1970 are the date that the image bears, so that the same root gives the same image.
"""

import gzip
import hashlib
import json
import pathlib
import shutil
import sys
import time

MEDIA = "application/vnd.oci.image."
USER = "10001:10001"
DATA = "/var/lib/revela"


def digest(file):
    """Of an open file, from its beginning."""
    file.seek(0)
    return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def keep(blobs, file, kind):
    """Gives the open file its place in the layout, and returns what refers to it."""
    name = digest(file)
    size = file.seek(0, 2)
    file.seek(0)
    with open(blobs / name.removeprefix("sha256:"), "wb") as kept:
        shutil.copyfileobj(file, kept)
    return {"mediaType": MEDIA + kind, "digest": name, "size": size}


def keep_json(blobs, value, kind):
    path = blobs / "part"
    path.write_text(json.dumps(value, indent=1, sort_keys=True))
    with open(path, "rb") as file:
        reference = keep(blobs, file, kind)
    path.unlink()
    return reference


def keep_layer(blobs, root):
    """Returns the digest of the layer as it is unpacked, and what refers to it packed."""
    path = blobs / "part"
    with open(root, "rb") as plain:
        name = digest(plain)
        plain.seek(0)
        with open(path, "wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
            shutil.copyfileobj(plain, packed, 1 << 20)
    with open(path, "rb") as file:
        reference = keep(blobs, file, "layer.v1.tar+gzip")
    path.unlink()
    return name, reference


def configuration(version, commit):
    """How a container of the image runs."""
    return {
        "User": USER,
        "WorkingDir": "/",
        # Whoever runs a container decides which of its ports can be reached, and from where.
        "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "REVELA_HOST=0.0.0.0", "REVELA_PORT=8080", f"REVELA_DATA={DATA}",
                "REVELA_REQUIRE_SANDBOX=true"],
        "Entrypoint": ["revela"],
        "Cmd": ["serve"],
        "Volumes": {DATA: {}},
        "ExposedPorts": {"8080/tcp": {}},
        "StopSignal": "SIGTERM",
        # Docker's, which the specification lets pass. The process answers: a full disk is no reason to replace it.
        "Healthcheck": {
            "Test": ["CMD-SHELL", "curl -fsS -o /dev/null http://127.0.0.1:$REVELA_PORT/healthz"],
            "Interval": 30 * 10**9, "Timeout": 5 * 10**9, "StartPeriod": 20 * 10**9, "Retries": 3,
        },
        "Labels": {
            "org.opencontainers.image.title": "Revela",
            "org.opencontainers.image.description": "A server that receives photos and processes them, live",
            "org.opencontainers.image.version": version,
            "org.opencontainers.image.revision": commit,
            "org.opencontainers.image.licenses": "MIT",
        },
    }


def main(root, folder, architecture, version, commit, seconds):
    folder = pathlib.Path(folder)
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(seconds)))
    unpacked, layer = keep_layer(blobs, root)
    config = keep_json(blobs, {
        "created": created, "architecture": architecture, "os": "linux",
        "config": configuration(version, commit),
        "rootfs": {"type": "layers", "diff_ids": [unpacked]},
        "history": [{"created": created, "created_by": "revela's scripts/image"}],
    }, "config.v1+json")
    manifest = keep_json(blobs, {
        "schemaVersion": 2, "mediaType": MEDIA + "manifest.v1+json", "config": config, "layers": [layer],
    }, "manifest.v1+json")
    # By the second one Podman and Docker name what they load.
    manifest["annotations"] = {
        "org.opencontainers.image.ref.name": version, "io.containerd.image.name": f"localhost/revela:{version}"}
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (folder / "index.json").write_text(json.dumps({
        "schemaVersion": 2, "mediaType": MEDIA + "index.v1+json", "manifests": [manifest]}, indent=1))


main(*sys.argv[1:])
