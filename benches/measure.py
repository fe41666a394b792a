"""Measures everything that README.md quotes, in one run of under eight minutes, as Markdown rows.

    export BENCH_DIR=/a/folder/on/a/real/disk
    cargo build --release -p gateway -p benches
    python3 benches/measure.py [--umadb /tmp/umadb] [--seconds 4] [--only SECTION] > rows.md

Needs strace for the section on syncs, and the network once, to install UmaDB 0.7.8 into its own virtual
environment; a section that cannot run says why. Each section names the load that it began under.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")) / "release"
DISK = os.environ.get("BENCH_DIR", tempfile.gettempdir())
PLACES = {"disk": DISK, "RAM": "/dev/shm"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--umadb", default="/tmp/umadb", help="virtual environment of UmaDB")
    parser.add_argument("--seconds", default="4", help="of each gRPC figure")
    parser.add_argument("--only", default="", help="append, shred, grpc or syncs")
    options = parser.parse_args()
    umadb = pathlib.Path(options.umadb)
    for name, section in [("append", append), ("shred", shred), ("grpc", grpc), ("syncs", syncs)]:
        if options.only not in ("", name):
            continue
        load = pathlib.Path("/proc/loadavg").read_text().split()[0]
        print(f"\n### {name} (load {load} when it began)\n", flush=True)
        try:
            section(umadb, options.seconds)
        except (OSError, subprocess.CalledProcessError) as why:
            print(f"not measured: {why}")
    return 0


def append(_umadb: pathlib.Path, _seconds: str) -> None:
    for only in ["lone", "grouped", "cpu"]:
        budget("--only", only, "--rounds", "3", "--sizes", "0")


def shred(_umadb: pathlib.Path, _seconds: str) -> None:
    budget("--only", "leaves", "--sizes", "1000,100000")


def budget(*arguments: str) -> None:
    subprocess.run([PROGRAMS / "budget", *arguments], check=True)


def grpc(umadb: pathlib.Path, seconds: str) -> None:
    install(umadb)
    print("| clients | place | ours /s | UmaDB /s | ratio | ours p50 / p99 µs | CPU of ours µs |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for place, folder in PLACES.items():
        common = ["--dir", folder, "--seconds", seconds]
        ours = lines([sys.executable, HERE / "grpc.py", *common])
        theirs = lines([umadb / "bin/python", HERE / "umadb.py", *common])
        for own, other in zip(ours, theirs):
            rate, limit = own["requests_per_second"], other["requests_per_second"]
            cpu = own["server_cpu_seconds"] * 1e6 / max(own["answered"], 1)
            print(
                f"| {own['clients']} | {place} | {rate} | {limit} | {rate / max(limit, 1):.2f} "
                f"| {own['p50_us']} / {own['p99_us']} | {cpu:.0f} |",
                flush=True,
            )


def syncs(umadb: pathlib.Path, _seconds: str) -> None:
    """Syncs of one client's requests, one under way at a time, as strace sees them."""
    install(umadb)
    print("| server | requests | syncs of its log | per request |")
    print("|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory(dir=DISK, prefix="referral-syncs-") as folder:
        trace = pathlib.Path(folder) / "trace"
        strace = f"strace -f -y -qq -e trace=fsync,fdatasync,sync_file_range,msync -o {trace}".split()
        for name, program, mine in [
            ("ours", [sys.executable, HERE / "grpc.py"], r"journal/\d+\.seg>"),
            ("UmaDB", [umadb / "bin/python", HERE / "umadb.py"], r""),
        ]:
            run = [*program, "--dir", folder, "--seconds", "2", "--clients", "1"]
            seen = lines([*strace, *run])[0]
            calls = [call for call in trace.read_text().splitlines() if "sync" in call]
            count = sum(1 for call in calls if re.search(mine, call) and "resumed" not in call)
            each = count / max(seen["answered"], 1)
            print(f"| {name} | {seen['answered']} | {count} | {each:.2f} |", flush=True)


def lines(command: list) -> list:
    seen = subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in seen.stdout.splitlines() if line.startswith(b"{")]


def install(umadb: pathlib.Path) -> None:
    if not (umadb / "bin/umadb").exists():
        venv.create(umadb, with_pip=True)
        pip = [umadb / "bin/pip", "install", "--quiet", "umadb==0.7.8"]
        subprocess.run(pip, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    start = time.monotonic()
    code = main()
    print(f"\nTook {time.monotonic() - start:.0f} s.")
    sys.exit(code)
