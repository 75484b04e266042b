#!/usr/bin/env python3
"""Measures what a server and a cluster cost and how fast they are, and prints a Markdown report.

cluster.py --work DIR [--only ROW,ROW] [--repeat 5]

Rows: ready, lease, list, watchers, tasks, idle, failover. The last one needs PostgreSQL's programs.
Needs: Linux, python3, the built distribution (./accrete), and a maker of random models (--maker, or
ACCRETE_TOOLS/make_model.py). Every node is started by ./accrete, as people do.
"""
import argparse
import glob
import http.client
import json
import os
import platform
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

from nodes import PATIENCE, Node, free_port, until

QUEUED = 2000
WATCHERS = 1000
TASKS = 2000
IDLE_SECONDS = 30


def merge(recipe, output, **options):
    return {"kind": "merge", "recipe": recipe, "output": output, "options": options}


class Bench:
    def __init__(self, options):
        self.options = options
        self.work = os.path.abspath(options.work)
        os.makedirs(self.work, exist_ok=True)
        self.rows = []

    def row(self, what, goal, values, unit, note=""):
        raw = " ".join(f"{v:.3g}" for v in values)
        self.rows.append(f"| {what} | {goal} | {raw} | **{statistics.median(values):.3g} {unit}** | {note} |")
        print(self.rows[-1], file=sys.stderr)

    def folder(self, name):
        path = os.path.join(self.work, name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def model(self, folder, layers):
        path = os.path.join(folder, "source")
        subprocess.run(
            [sys.executable, self.options.maker, "random", path, "--layers", str(layers), "--hidden", "32",
             "--heads", "2", "--kv-heads", "1", "--ffn", "64", "--vocab", "128"],
            check=True, stdout=subprocess.DEVNULL)
        return f"merge_method: passthrough\nslices:\n- sources: [{{model: source, layer_range: [0, {layers}]}}]\n"

    def ready(self):
        times = []
        for i in range(self.options.repeat + 1):
            node = Node(self.folder("ready"))
            times.append(node.until_ready())
            node.stop()
        self.row("`accrete serve`, start to ready", "1.6 s", times[1:], "s")

    def lease(self):
        """From the request to the moment at which somebody writes, as another request sees it."""
        folder = self.folder("lease")
        recipe = self.model(folder, 4)
        node, times = Node(folder), []
        node.until_ready()
        for i in range(self.options.repeat + 2):
            begun = time.monotonic()
            status, body = node.ask("POST", "/jobs", merge(recipe, f"out-{i}"))
            job = json.loads(body)["id"]

            def leased():
                now = json.loads(node.ask("GET", f"/jobs/{job}")[1])
                return now["running"] or now["progress"]["tasks_done"] > 0
            until(leased, 0.002)
            times.append(1000 * (time.monotonic() - begun))
            until(lambda: json.loads(node.ask("GET", f"/jobs/{job}")[1])["state"] == "SUCCEEDED")
        node.stop()
        self.row("`POST /jobs` to the first lease", "300 ms", times[2:], "ms")

    def list(self):
        folder = self.folder("list")
        recipe = self.model(folder, 4)
        node = Node(folder, "--workers", "0")
        node.until_ready()
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", node.http, timeout=60)
        for i in range(QUEUED):
            connection.request("POST", "/api/v1/jobs", json.dumps(merge(recipe, f"out-{i}")),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 201:
                raise SystemExit(f"submission {i} was answered with {answer.status}")
        submitted = time.monotonic() - begun
        time.sleep(10)
        times, page = [], []
        for i in range(self.options.repeat + 3):
            begun, cursor, found = time.monotonic(), "", 0
            while cursor is not None:
                connection.request("GET", f"/api/v1/jobs?limit=500{cursor}")
                jobs = json.loads(connection.getresponse().read())
                found += len(jobs["jobs"])
                cursor = f"&cursor={jobs['cursor']}" if jobs.get("cursor") else None
                if found == 500:
                    page.append(1000 * (time.monotonic() - begun))
            times.append(1000 * (time.monotonic() - begun))
            if found != QUEUED:
                raise SystemExit(f"{found} of {QUEUED} jobs are listed")
        node.stop()
        self.row("2,000 queued jobs listed, a page of 500", "100 ms", page[3:], "ms")
        self.row("2,000 queued jobs listed, all four pages", "", times[3:], "ms",
                 f"they were submitted in {submitted:.1f} s")

    def watchers(self):
        folder = self.folder("watchers")
        recipe = self.model(folder, 4)
        # Nobody works, so that all watchers are there before anything comes to an end.
        node = Node(folder, "--workers", "0")
        node.until_ready()
        job = json.loads(node.ask("POST", "/jobs", merge(recipe, "out"))[1])["id"]
        sockets = selectors.DefaultSelector()
        for i in range(WATCHERS):
            s = socket.create_connection(("127.0.0.1", node.http))
            s.sendall(f"GET /api/v1/jobs/{job}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            s.setblocking(False)
            sockets.register(s, selectors.EVENT_READ, [b"", s])
        for key, _ in sockets.select(1):
            key.data[0] += key.fileobj.recv(65536)
        time.sleep(3)
        begun, complete = time.monotonic(), 0
        node.ask("POST", f"/jobs/{job}/cancel")
        while complete < WATCHERS and time.monotonic() - begun < PATIENCE:
            for key, _ in sockets.select(1):
                data = key.fileobj.recv(65536)
                key.data[0] += data
                if not data or b"CANCELLED" in key.data[0]:
                    complete += b"CANCELLED" in key.data[0]
                    sockets.unregister(key.fileobj)
                    key.fileobj.close()
        seconds = time.monotonic() - begun
        node.stop()
        self.row("1,000 watchers of one job see its end", "1,000", [complete], "watchers",
                 f"all within {seconds:.2f} s of the request that ended it")

    def tasks(self):
        """2,000 shards of a few kilobytes against the same bytes in one; in memory, so that no disk is in it."""
        folder = self.folder("tasks")
        mount = os.path.join(folder, "tmpfs")
        os.makedirs(mount)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "accrete-benchmark", mount], check=True)
        try:
            recipe = self.model(mount, 222)
            node, many, one = Node(mount, "--workers", "2"), [], []
            node.until_ready()
            for i in range(self.options.repeat + 1):
                for size, times in ((1, many), (10 ** 9, one)):
                    begun = time.monotonic()
                    job = json.loads(node.ask("POST", "/jobs", merge(
                        recipe, f"out-{i}-{size}", out_shard_size=size))[1])["id"]
                    until(lambda: json.loads(node.ask("GET", f"/jobs/{job}")[1])["state"] in
                          ("SUCCEEDED", "FAILED", "PAUSED"), 0.01)
                    now = json.loads(node.ask("GET", f"/jobs/{job}")[1])
                    if now["state"] != "SUCCEEDED":
                        raise SystemExit(now["reason"])
                    times.append((time.monotonic() - begun, now["progress"]["tasks_total"]))
            node.stop()
            each = [1000 * (a[0] - b[0]) / (a[1] - b[1]) for a, b in zip(many, one)]
            self.row(f"a merge of {many[0][1]} tiny shards, beyond the same in {one[0][1]}: each task", "3 ms",
                     each[1:], "ms", "two workers, H2, tmpfs")
        finally:
            subprocess.run(["umount", "-l", mount], check=False)

    def idle(self):
        node = Node(self.folder("idle"))
        node.until_ready()
        time.sleep(60)  # until the compilers have nothing left to do

        def ticks():
            with open(f"/proc/{node.java()}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        shares = []
        for i in range(3):
            before = ticks()
            time.sleep(IDLE_SECONDS)
            shares.append(100 * (ticks() - before) / os.sysconf("SC_CLK_TCK") / IDLE_SECONDS)
        node.stop()
        self.row("an idle node", "2 %", shares, "% of a core")

    def failover(self):
        folder = self.folder("failover")
        database = Postgres(folder)
        ports = [free_port() for _ in range(3)]
        seeds = [s for p in ports for s in ("--seed", f"127.0.0.1:{p}")]
        nodes = [Node(folder, "--journal", database.url, "--workers", "1", *seeds, cluster_port=p) for p in ports]
        try:
            for node in nodes:
                node.until_ready()
            for name, goal, how in (("kill -9 of the coordinator's node", "20 s", signal.SIGKILL),
                                    ("SIGTERM to it", "1 s", signal.SIGTERM)):
                times = []
                for i in range(self.options.repeat):
                    times.append(self.lose_coordinator(nodes, how))
                self.row(f"{name}: the longest time without an answer to `GET /jobs` at another node", goal, times, "s",
                         "three nodes, PostgreSQL, default settings")
        finally:
            for node in nodes:
                node.stop()
            database.stop()

    @staticmethod
    def lose_coordinator(nodes, how):
        """The longest time without an answer, for somebody who asks another node all the time."""
        address = json.loads(nodes[0].ask("GET", "/cluster")[1])["coordinator"]
        lost = next(n for n in nodes if address.endswith(str(n.cluster)))
        other = next(n for n in nodes if n is not lost)
        answered, longest, moved = time.monotonic(), 0, None
        lost.signal(how)
        while moved is None or time.monotonic() - moved < 3:
            if other.ask("GET", "/jobs")[0] == 200:
                longest = max(longest, time.monotonic() - answered)
                answered = time.monotonic()
                now = json.loads(other.ask("GET", "/cluster")[1]).get("coordinator")
                if moved is None and now is not None and now != address:
                    moved = answered
            time.sleep(0.01)
        lost.process.wait()
        lost.start()
        lost.until_ready()
        time.sleep(5)
        return longest

    def all(self):
        wanted = self.options.only.split(",") if self.options.only else [
            "ready", "lease", "list", "watchers", "tasks", "idle", "failover"]
        load = os.getloadavg()[0]
        for name in wanted:
            getattr(self, name)()
        model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "?")
        print(f"Machine: {model}, {os.cpu_count()} cores, {platform.release()}; load {load:.1f} at the beginning.\n")
        print("| what | goal | each | median | |\n|---|---|---|---|---|")
        print("\n".join(self.rows))


class Postgres:
    """A server of the installed programs, below the folder."""

    def __init__(self, folder):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not found:
            raise SystemExit("PostgreSQL is not installed")
        self.bin, self.port = found[-1], free_port()
        # Its own user must reach it, whoever owns the folders above.
        self.data = subprocess.run(["mktemp", "-d", "/tmp/accrete-benchmark-XXXXXX"], check=True,
                                   capture_output=True, text=True).stdout.strip()
        self.user = []
        if os.getuid() == 0:
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
            shutil.chown(self.data, "postgres")
        self.tool("initdb", "-D", self.data, "-U", "accrete", "-A", "trust", "-E", "UTF8")
        self.tool("pg_ctl", "-D", self.data, "-w", "-l", self.data + "/log", "-o",
                  f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''", "start")
        self.tool("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "accrete", "accrete")
        self.url = f"jdbc:postgresql://127.0.0.1:{self.port}/accrete?user=accrete"

    def tool(self, name, *arguments):
        subprocess.run([*self.user, os.path.join(self.bin, name), *arguments], check=True, cwd="/",
                       stdout=subprocess.DEVNULL)

    def stop(self):
        self.tool("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.data)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="a folder for models, journals and logs")
    parser.add_argument("--only", help="ready,lease,list,watchers,tasks,idle,failover")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--maker", default=os.path.join(os.environ.get("ACCRETE_TOOLS", ""), "make_model.py"))
    Bench(parser.parse_args()).all()


if __name__ == "__main__":
    main()
