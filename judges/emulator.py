"""Starts an emulator, and records the webhooks that it sends."""

import http.server
import json
import re
import socket
import subprocess
import threading
import time
import urllib.request


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Recorder(http.server.ThreadingHTTPServer):
    """A shop that answers every webhook with 200 and keeps it."""

    daemon_threads = True

    def __init__(self):
        self.calls = []
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait(self, count, seconds=10):
        """The calls so far, at least `count` of them."""
        deadline = time.monotonic() + seconds
        while len(self.calls) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.calls) >= count, f"{len(self.calls)} of {count} webhooks arrived"
        return list(self.calls)


class Handler(http.server.BaseHTTPRequestHandler):
    def handle_call(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.calls.append(
            {
                "method": self.command,
                "url": self.server.url + self.path,
                "headers": headers,
                "body": body.decode(),
                "now": int(time.time()),
            }
        )
        self.send_response(200)
        self.end_headers()

    do_GET = do_POST = handle_call

    def log_message(self, *_):
        pass


class Emulator:
    """A running emulator, the shop that it calls, and the shop's settings."""

    def __init__(self, folder, provider, settings=()):
        self.provider = provider
        self.shop = Recorder()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            f"{folder}/emulators",
            f"--provider={provider}",
            f"--port={port}",
            f"--webhook={self.shop.url}/webhooks/{provider}",
            "--sent-after=0",
            "--delivered-after=0",
            "--review=0",
            "--throughput=1000",
        ]
        command += [f"--set={setting}" for setting in settings]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.settings = {}
        for line in self.process.stdout:
            setting = re.match(r"^  ([A-Z][A-Z0-9_]*)=(.*)$", line)
            if setting:
                self.settings[setting[1]] = setting[2]
            if self.settings and line.strip().endswith(self.url):
                break
        self.wait_until_it_listens()

    def wait_until_it_listens(self):
        for _ in range(200):
            try:
                self.get("/emulator/counts")
                return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"the emulator of {self.provider} does not answer")

    def get(self, path):
        with urllib.request.urlopen(self.url + path) as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.shop.shutdown()
