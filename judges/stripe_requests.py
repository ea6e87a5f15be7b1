"""The requests of the shop, made to a server that judges each of them."""

import http.server
import json
import threading
import time
import urllib.parse

from pydantic import ValidationError
from stripe_parameters import Parameters

PAYMENT = f"{7:032x}"
METADATA = {"marigold_payment": PAYMENT, "marigold_order": PAYMENT}
CHARGE = {"id": "ch_1", "object": "charge", "amount": 2500, "amount_captured": 0,
          "amount_refunded": 0, "payment_method_details": {"card": {"capture_before": 1796400000}}}


def intent(status):
    held = 2500 if status == "requires_capture" else 0
    taken = 2500 if status == "succeeded" else 0
    return {"id": "pi_1", "object": "payment_intent", "status": status, "amount": 2500,
            "amount_capturable": held, "amount_received": taken, "currency": "eur",
            "metadata": METADATA, "latest_charge": CHARGE}


def session(status, of=None):
    url = "https://checkout.stripe.com/c/pay/cs_1" if status == "open" else None
    return {"id": "cs_1", "object": "checkout.session", "status": status, "url": url,
            "amount_total": 2500, "currency": "eur", "expires_at": int(time.time()) + 2100,
            "client_reference_id": PAYMENT, "metadata": METADATA, "payment_intent": of}


def many(*objects):
    return {"object": "list", "data": list(objects), "has_more": False}


REFUND = {"id": "re_1", "object": "refund", "status": "succeeded", "metadata": {}}
SAVED = {"customer": "cus_1", "saved_method": "pm_1"}
PAGE = ("POST /v1/checkout/sessions", session("open"))

# What the shop does, and the requests that it must make, each with Stripe's answer.
STEPS = [
    ("asks for a new card", {"do": "authorize"}, [PAGE]),
    ("asks for a card to be saved", {"do": "authorize", "customer": "cus_1"}, [PAGE]),
    ("asks for a saved card", {"do": "authorize", **SAVED}, [
        ("POST /v1/payment_intents", intent("requires_confirmation")),
        ("POST /v1/payment_intents/pi_1/confirm", intent("requires_capture")),
    ]),
    ("reads a page", {"do": "find", "reference": "cs_1"}, [
        ("GET /v1/checkout/sessions/cs_1", session("complete", intent("requires_capture"))),
    ]),
    ("searches a payment", {"do": "find"}, [
        ("GET /v1/checkout/sessions", many()),
        ("GET /v1/payment_intents", many(intent("requires_capture"))),
        ("GET /v1/payment_intents/pi_1", intent("requires_capture")),
    ]),
    ("captures", {"do": "capture", "reference": "pi_1"}, [
        ("GET /v1/payment_intents/pi_1", intent("requires_capture")),
        ("POST /v1/payment_intents/pi_1/capture", intent("succeeded")),
    ]),
    ("cancels a hold", {"do": "cancel", "reference": "pi_1"}, [
        ("GET /v1/payment_intents/pi_1", intent("requires_capture")),
        ("POST /v1/payment_intents/pi_1/cancel", intent("canceled")),
    ]),
    ("closes a page", {"do": "cancel", "reference": "cs_1"}, [
        ("GET /v1/checkout/sessions/cs_1", session("open")),
        ("POST /v1/checkout/sessions/cs_1/expire", session("expired")),
        ("GET /v1/checkout/sessions/cs_1", session("expired")),
    ]),
    ("refunds", {"do": "refund", "reference": "pi_1"}, [
        ("GET /v1/payment_intents/pi_1", intent("succeeded")),
        ("GET /v1/refunds", many()),
        ("POST /v1/refunds", REFUND),
    ]),
    ("asks for events", {"do": "poll"}, [("GET /v1/events", many())]),
]

# Requests that the judge must refuse, or it would judge nothing.
WRONG = [
    ("payment_method_types", "payment_method_types%5B%5D=card"),
    ("an unknown parameter", "capture_methods=manual"),
    ("an unknown word", "ui_mode=unknown"),
    ("a fraction", "line_items%5B2%5D%5Bquantity%5D=1.5"),
]


class Judge(http.server.ThreadingHTTPServer):
    """Plays the answers of a step, and judges each request on its arrival."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.parameters = Parameters()
        self.expected, self.problems, self.forms = [], [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def receive(self, line, encoded, headers):
        expected, answer = self.expected.pop(0) if self.expected else ("no request", {})
        try:
            assert line == expected, f"{line} instead of {expected}"
            assert headers.get("stripe-version") == "2026-10-28.endive", "another version"
            if line.startswith("POST"):
                assert 0 < len(headers.get("idempotency-key", "")) <= 255, "no idempotency key"
            self.parameters.judge(line, encoded)
            self.forms.append(encoded)
        except Exception as problem:
            self.problems.append(f"{line}: {problem}")
        return answer


class Handler(http.server.BaseHTTPRequestHandler):
    def handle_request(self):
        address = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = f"{self.command} {address.path}"
        answer = json.dumps(self.server.receive(line, address.query or body, headers)).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = handle_request

    def log_message(self, *_):
        pass


def judge(table, shop):
    server = Judge()
    judged = "PyPI stripe 16.1.0, types"
    for what, line, script in STEPS:
        table.check("stripe", judged, f"the shop {what}",
                    lambda line=line, script=script: step(server, shop, line, script))
    page = server.forms[0] if server.forms else ""
    for what, more in WRONG:
        table.check("stripe", judged, f"refuses {what}",
                    lambda more=more: refuses(server.parameters, page, more))


def step(server, shop, line, script):
    server.expected, server.problems = list(script), []
    answer = shop.do({**line, "base_url": server.url, "number": 7})
    assert not server.problems, "; ".join(server.problems)
    assert not server.expected, f"not asked: {server.expected[0][0]}"
    assert "ok" in answer, answer
    return f"{len(script)} requests"


def refuses(parameters, page, more):
    line = "POST /v1/checkout/sessions"
    parameters.judge(line, page)
    try:
        parameters.judge(line, f"{page}&{more}")
    except ValidationError as problem:
        first = problem.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    raise AssertionError("it was accepted")
