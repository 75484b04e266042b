"""Processes of a cluster, for benchmarks."""
import http.client
import json
import os
import signal
import socket
import subprocess
import time

ACCRETE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "accrete")
PATIENCE = 120


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Process:
    """A process of a cluster, in a process group of its own, launcher included."""

    def __init__(self, folder, command, port, options):
        self.folder, self.cluster = folder, port
        self.arguments = [command, "--cluster", f"127.0.0.1:{port}", *options]
        self.start()

    def start(self):
        self.begun = time.monotonic()
        log = open(os.path.join(self.folder, f"{self.arguments[0]}-{self.cluster}.log"), "ab")
        self.process = subprocess.Popen(
            [ACCRETE, *self.arguments],
            cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)

    def signal(self, which):
        os.killpg(self.process.pid, which)

    def stop(self):
        try:
            self.signal(signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def java(self):
        """Process id of the JVM: the launcher may stand above it."""
        queue = [self.process.pid]
        while queue:
            pid = queue.pop()
            with open(f"/proc/{pid}/comm") as f:
                if f.read().strip() == "java":
                    return pid
            with open(f"/proc/{pid}/task/{pid}/children") as f:
                queue += [int(child) for child in f.read().split()]
        raise SystemExit("no java below the launcher")


class Worker(Process):
    """A process that works for the node of a cluster."""

    def __init__(self, folder, seed, *options):
        super().__init__(folder, "worker", free_port(), ["--seed", f"127.0.0.1:{seed}", *options])


class Node(Process):
    """A node that answers requests."""

    def __init__(self, folder, *options, http_port=None, cluster_port=None):
        self.http = http_port or free_port()
        super().__init__(folder, "serve", cluster_port or free_port(),
                         ["--http", f"127.0.0.1:{self.http}", "--root", folder, *options])

    def until_ready(self):
        """Seconds since the start of the process."""
        until(lambda: self.ask("GET", "/health/ready", raw=True)[0] == 200, 0.005)
        return time.monotonic() - self.begun

    def ask(self, method, path, body=None, raw=False):
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=30)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path if raw else "/api/v1" + path,
                               json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def until(condition, pause=0.02, seconds=PATIENCE):
    """Seconds until it holds; a node that does not answer yet does not fulfil it."""
    begun = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - begun
        except (OSError, http.client.HTTPException):
            pass
        if time.monotonic() - begun > seconds:
            raise SystemExit("not within %d s" % seconds)
        time.sleep(pause)
