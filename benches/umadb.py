"""Runs an UmaDB 0.7.8 server in a folder of its own and loads it with the same client as ours.

    python3 -m venv /tmp/umadb && /tmp/umadb/bin/pip install umadb==0.7.8
    /tmp/umadb/bin/python benches/umadb.py [--dir DIR] [--seconds 5] [--clients 1,8,32,64]

Prints one JSON line per number of clients, of the same shape as `load` prints for a referral ledger.
The Python package brings the server; the load comes from `load --umadb`, so that both servers have the
same client in front of them. No test needs this file.
"""

import argparse
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", default=None, help="where the store goes, e.g. /dev/shm")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--clients", default="1,8,32,64")
    parser.add_argument("--bytes", type=int, default=1024)
    parser.add_argument("--load", default=str(load_client()))
    options = parser.parse_args()
    program = pathlib.Path(sys.executable).parent / "umadb"
    with tempfile.TemporaryDirectory(dir=options.dir, prefix="umadb-bench-") as folder:
        address = f"127.0.0.1:{free_port()}"
        command = [str(program), "--listen", address, "--db-path", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(address)
            for clients in options.clients.split(","):
                load = [options.load, "--umadb", "--server", f"http://{address}"]
                load += ["--clients", clients, "--seconds", str(options.seconds)]
                load += ["--bytes", str(options.bytes)]
                subprocess.run(load, check=True)
        finally:
            server.terminate()
            server.wait()
    return 0


def load_client() -> pathlib.Path:
    """The release build of `load`, wherever cargo puts it."""
    target = os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")
    return pathlib.Path(target) / "release" / "load"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address: str) -> None:
    host, port = address.split(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the UmaDB server did not start")


if __name__ == "__main__":
    sys.exit(main())
