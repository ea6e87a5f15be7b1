#!/usr/bin/env bash
# Stripe's libraries do not repeat a request that was refused by the rate limit.
#
# What one would expect: with `max_network_retries=2` a request that is answered with 429 is sent
# again after a growing wait, since https://docs.stripe.com/rate-limits advises exactly that, and
# 503 is repeated.
# What happens: the libraries for Python and for Node repeat 409 and 5xx. They repeat 429 only if the
# answer has `Stripe-Should-Retry: true`; without the header the first 429 is an error at once,
# whatever `Retry-After` says. A program that counts on the option for busy minutes has to repeat
# 429 by itself.
# Versions: PyPI stripe 16.1.0, npm stripe 23.1.0. Date: 2026-11-28.
# Source: `_should_retry` in stripe/_http_client.py, `_shouldRetry` in RequestSender.js.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet stripe==16.1.0
npm init --yes >npm.log
npm install --ignore-scripts --no-audit --no-fund stripe@23.1.0 >>npm.log

cat >judge.mjs <<'NODE'
import Stripe from 'stripe';
const port = process.argv[2];
const stripe = new Stripe('sk_test_finding', {
  host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 2, telemetry: false,
});
try {
  await stripe.paymentIntents.retrieve('pi_1');
} catch (error) {
  process.stdout.write(error.type);
}
NODE

cat >judge.py <<'PYTHON'
import http.server
import json
import subprocess
import threading
from importlib.metadata import version

import stripe

requests, answer = [], {}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        requests.append(self.path)
        body = json.dumps({"error": {"type": "invalid_request_error", "code": "rate_limit"}}).encode()
        self.send_response(answer["status"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.server_port


def by_python():
    client = stripe.StripeClient(
        "sk_test_finding", base_addresses={"api": f"http://127.0.0.1:{port}"}, max_network_retries=2
    )
    try:
        client.v1.payment_intents.retrieve("pi_1")
    except stripe.StripeError as error:
        return type(error).__name__


def by_node():
    run = subprocess.run(["node", "judge.mjs", str(port)], capture_output=True, text=True, check=True)
    return run.stdout


print("PyPI stripe", version("stripe"), "and npm stripe", json.load(open(
    "node_modules/stripe/package.json"))["version"], "with two repetitions allowed")
as_found = True
for status, headers, expected in [
    (503, {}, 3),
    (409, {}, 3),
    (429, {}, 1),
    (429, {"Retry-After": "1"}, 1),
    (429, {"Stripe-Should-Retry": "true"}, 3),
]:
    answer.update(status=status, headers=headers)
    for name, ask in [("Python", by_python), ("Node", by_node)]:
        requests.clear()
        error = ask()
        print(f"  {status} {headers or ''} {name}: {len(requests)} requests, then {error}")
        as_found &= len(requests) == expected
raise SystemExit(0 if as_found else 1)
PYTHON
python/bin/python judge.py
