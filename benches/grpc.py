"""Serves a fresh referral ledger and loads it: 1, 8, 32 and 64 clients, one JSON line each.

    cargo build --release -p gateway -p benches
    python3 benches/grpc.py [--dir DIR] [--seconds 5] [--clients 1,8,32,64]

Beside each line stands what the server process used meanwhile: CPU seconds and resident memory.
Only the standard library. No test needs this file.
"""

import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", default=None, help="where the ledger goes, e.g. /dev/shm")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--clients", default="1,8,32,64")
    parser.add_argument("--bytes", type=int, default=1024)
    parser.add_argument("--programs", default=str(programs()))
    options = parser.parse_args()
    program = pathlib.Path(options.programs) / "referral-ledger"
    with tempfile.TemporaryDirectory(dir=options.dir, prefix="referral-bench-") as folder:
        data = ["--data", f"{folder}/data", "--vault", f"{folder}/vault"]
        init = [str(program), "init", *data, "--test-vault", "--json"]
        made = subprocess.run(init, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        token = json.loads(made.stdout)["token"]
        serve = [str(program), "serve", *data, "--listen", "127.0.0.1:0"]
        # Into a file: whoever reads the log along would take its time from the server's processors.
        log = pathlib.Path(folder) / "server.log"
        with log.open("w") as stderr:
            server = subprocess.Popen(serve, stderr=stderr)
        try:
            address = address_of(log)
            for clients in options.clients.split(","):
                measure(options, server.pid, address, token, clients)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
    return 0


def measure(options, server: int, address: str, token: str, clients: str) -> None:
    before = cpu_seconds(server)
    load = [f"{options.programs}/load", "--setup", "--server", address, "--clients", clients]
    load += ["--seconds", str(options.seconds), "--bytes", str(options.bytes)]
    environment = {**os.environ, "REFERRAL_TOKEN": token}
    seen = subprocess.run(load, check=True, stdout=subprocess.PIPE, env=environment)
    line = json.loads(seen.stdout)
    line["server_cpu_seconds"] = round(cpu_seconds(server) - before, 2)
    line["server_resident_mib"] = resident_mib(server)
    print(json.dumps(line), flush=True)


def address_of(log: pathlib.Path) -> str:
    for _ in range(200):
        found = re.search(r"Serving at (\S+)\s", log.read_text())
        if found:
            address = found.group(1)
            return address if address.startswith("http") else f"http://{address}"
        time.sleep(0.05)
    raise SystemExit("the server did not start")


def cpu_seconds(process: int) -> float:
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(process: int) -> int:
    status = pathlib.Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) // 1024


def programs() -> pathlib.Path:
    target = os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")
    return pathlib.Path(target) / "release"


if __name__ == "__main__":
    sys.exit(main())
