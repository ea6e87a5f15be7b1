"""Webhooks of Stripe, signed by one side and verified by the other.

The shop and Stripe's libraries must agree on each of them, but for two differences that are
written down: the shop ignores space around the parts of the header, and refuses a time in the
future.
"""

import hashlib
import hmac
import http.server
import json
import subprocess
import threading
import time

import stripe

SECRET, OLD = "whsec_judges0123456789", "whsec_former0123456789"
BODY = json.dumps({"id": "evt_1", "object": "event", "type": "judges.unknown", "livemode": False,
                   "data": {"object": {"object": "none", "text": "Grüße ☕"}}}, ensure_ascii=False)


def signature(at, body=BODY, secret=SECRET):
    return hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()


def cases(now):
    """Name, header, body, what the libraries say, and what the shop says."""
    good = signature(now)
    old = signature(now, secret=OLD)
    official = stripe.WebhookSignature.generate_signature_header(BODY, SECRET, timestamp=now)
    yield "signed by PyPI stripe", official, BODY, True, True
    yield "the usual header", f"t={now},v1={good}", BODY, True, True
    yield "signature first", f"v1={good},t={now}", BODY, True, True
    yield "two signatures", f"t={now},v1={old},v1={good}", BODY, True, True
    yield "other schemes", f"t={now},v0={old},v1={good},v2=7", BODY, True, True
    yield "another secret", f"t={now},v1={old}", BODY, False, False
    yield "another body", f"t={now},v1={good}", BODY + " ", False, False
    yield "another time", f"t={now - 1},v1={good}", BODY, False, False
    yield "v0 alone", f"t={now},v0={good}", BODY, False, False
    yield "capital letters", f"t={now},v1={good.upper()}", BODY, False, False
    yield "cut short", f"t={now},v1={good[:-1]}", BODY, False, False
    yield "an empty signature", f"t={now},v1=", BODY, False, False
    yield "no signature", f"t={now}", BODY, False, False
    yield "no time", f"v1={good}", BODY, False, False
    yield "no header", None, BODY, False, False
    yield "an empty header", "", BODY, False, False
    yield "without the whsec_", f"t={now},v1={signature(now, secret=SECRET[6:])}", BODY, False, False
    yield "an empty key", f"t={now},v1={signature(now, secret='')}", BODY, False, False
    for age in (290, 310, 3600):
        header = f"t={now - age},v1={signature(now - age)}"
        yield f"{age} seconds old", header, BODY, age <= 300, age <= 300
    # The first difference.
    yield "difference: space", f"t={now}, v1={good}", BODY, False, True
    # The second difference.
    for ahead in (30, 90, 86400):
        header = f"t={now + ahead},v1={signature(now + ahead)}"
        name = f"{'difference: ' if ahead > 60 else ''}{ahead} seconds ahead"
        yield name, header, BODY, True, ahead <= 60


def python(header, body):
    try:
        stripe.Webhook.construct_event(body, header, SECRET)
        return True
    except Exception:
        return False


def node(folder, calls):
    run = subprocess.run(["node", f"{folder}/stripe.mjs"], input=json.dumps(calls),
                         capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(run.stderr.strip().splitlines()[-1])
    return json.loads(run.stdout)


def judge(table, shop, folder):
    now = int(time.time())
    known = list(cases(now))
    calls = [{"header": header, "body": body, "secret": SECRET} for _, header, body, _, _ in known]
    answer = {}
    table.check("stripe", "npm stripe 23.1.0", "verifies the webhooks",
                lambda: answer.update(node(folder, calls)) or f"{len(calls)} webhooks")
    verdicts = answer.get("verdicts", [None] * len(known))
    for (name, header, body, theirs, ours), by_node in zip(known, verdicts):
        table.check("stripe", "PyPI and npm stripe", f"webhook: {name}",
                    lambda h=header, b=body, t=theirs, o=ours, n=by_node: agree(shop, now, h, b, t, o, n))
    table.check("stripe", "npm stripe 23.1.0", "signs for the shop",
                lambda: accepted(shop, now, answer["signed"], BODY))
    table.check("stripe", "PyPI and npm stripe", "verify what the shop signs",
                lambda: own(shop, folder))


def agree(shop, now, header, body, theirs, ours, by_node):
    mine = verdict(shop, now, header, body)
    by_python = python(header, body)
    assert by_python == theirs, f"PyPI says {by_python}"
    assert by_node == theirs, f"npm says {by_node}"
    assert mine == ours, f"the shop says {mine}"
    return f"they {'accept' if theirs else 'refuse'}, the shop {'accepts' if ours else 'refuses'}"


def verdict(shop, now, header, body):
    headers = {} if header is None else {"stripe-signature": header}
    answer = shop.do({"do": "webhook", "secret": SECRET, "now": now, "headers": headers, "body": body})
    return "events" in answer


def accepted(shop, now, header, body):
    assert verdict(shop, now, header, body)


def own(shop, folder):
    """The shop calls itself, signed, when it is checked."""
    calls = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            calls.append((self.headers["stripe-signature"], body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self):
            answer = b'{"id":"acct_1","object":"list","data":[]}'
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    shop.do({"do": "check", "secret": SECRET, "now": int(time.time()), "base_url": url,
             "public_url": url})
    server.shutdown()
    ((header, body),) = calls
    assert python(header, body), "PyPI refuses it"
    by_node = node(folder, [{"header": header, "body": body, "secret": SECRET}])["verdicts"]
    assert by_node == [True], "npm refuses it"
