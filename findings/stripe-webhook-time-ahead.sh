#!/usr/bin/env bash
# The tolerance of Stripe's webhook libraries bounds the past only.
#
# What one would expect: with the default tolerance of 300 seconds, a webhook is accepted whose
# timestamp differs from the clock by at most 300 seconds, as the specification of Standard Webhooks
# says for both directions.
# What happens: the libraries for Python and for Node compare the age alone, so a correctly signed
# call from any time in the future is accepted. A receiver whose clock is slow notices nothing, and
# one that follows Standard Webhooks refuses what these libraries accept: the two need different
# checks.
# Versions: PyPI stripe 16.1.0, npm stripe 23.1.0, PyPI standardwebhooks 1.1.0. Date: 2026-11-28.
# Source: `verify_header` in stripe/_webhook.py, `validateComputedSignature` in Webhooks.js.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet stripe==16.1.0 standardwebhooks==1.1.0
npm init --yes >npm.log
npm install --ignore-scripts --no-audit --no-fund stripe@23.1.0 >>npm.log

cat >judge.mjs <<'NODE'
import Stripe from 'stripe';
const [secret, timestamp] = process.argv.slice(2);
const { webhooks } = new Stripe('sk_test_finding');
const payload = '{"id":"evt_1","object":"event"}';
const header = webhooks.generateTestHeaderString({ payload, secret, timestamp: Number(timestamp) });
try {
  webhooks.constructEvent(payload, header, secret);
  process.stdout.write('accepts');
} catch {
  process.stdout.write('refuses');
}
NODE

cat >judge.py <<'PYTHON'
import base64
import json
import subprocess
import time
from datetime import datetime, timezone
from importlib.metadata import version

import stripe
from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes....").decode()
BODY = '{"id":"evt_1","object":"event"}'


def by_python(at):
    header = stripe.WebhookSignature.generate_signature_header(BODY, SECRET, timestamp=at)
    stripe.Webhook.construct_event(BODY, header, SECRET)


def by_node(at):
    run = subprocess.run(["node", "judge.mjs", SECRET, str(at)], capture_output=True, text=True,
                         check=True)
    assert run.stdout == "accepts"


def by_standard(at):
    webhook = Webhook(SECRET)
    moment = datetime.fromtimestamp(at, timezone.utc)
    headers = {"webhook-id": "1", "webhook-timestamp": str(at),
               "webhook-signature": webhook.sign("1", moment, BODY)}
    webhook.verify(BODY, headers)


def verdict(check, at):
    try:
        check(at)
        return "accepts"
    except Exception:
        return "refuses"


node = json.load(open("node_modules/stripe/package.json"))["version"]
print("PyPI stripe", version("stripe"), "npm stripe", node, "PyPI standardwebhooks",
      version("standardwebhooks"))
as_found = True
for ahead, stripes, standards in [
    (0, "accepts", "accepts"),
    (-400, "refuses", "refuses"),
    (400, "accepts", "refuses"),
    (10 * 365 * 86400, "accepts", "refuses"),
]:
    at = int(time.time()) + ahead
    said = [verdict(check, at) for check in (by_python, by_node, by_standard)]
    print(f"  {ahead:>10} seconds ahead: Python {said[0]}, Node {said[1]}, Standard Webhooks {said[2]}")
    as_found &= said == [stripes, stripes, standards]
raise SystemExit(0 if as_found else 1)
PYTHON
python/bin/python judge.py
