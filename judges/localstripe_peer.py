"""Tries `localstripe`, an emulator of Stripe by others, beside what Stripe documents.

It is a program under the GPL and is only run, in an environment of its own. It listens on all
addresses, so this runs where there is no network: `unshare --map-root-user --net`. It prints, as
JSON, what was tried, whether the outcome is Stripe's, and the outcome. It is no judge of the shop:
where it differs from Stripe, the shop follows Stripe.
"""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PROGRAM, CLIENT = sys.argv[1:3]
PORT = 8420
URL = f"http://127.0.0.1:{PORT}"
KEY = "sk_test_0123456789abcdef"


def post(path, key=None, **fields):
    """Status and body of a request."""
    request = urllib.request.Request(URL + path, urllib.parse.urlencode(fields).encode())
    request.add_header("authorization", f"Bearer {KEY}")
    if key:
        request.add_header("idempotency-key", key)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, json.loads(text) if text.startswith("{") else {"text": text.strip()}


def card(number):
    fields = {"type": "card", "card[number]": number, "card[exp_month]": 12,
              "card[exp_year]": 2034, "card[cvc]": "123"}
    return post("/v1/payment_methods", **fields)[1]["id"]


def intent(method=None, **fields):
    fields = {"amount": 2500, "currency": "eur", "capture_method": "manual", **fields}
    if method:
        fields.update(payment_method=method, confirm="true")
    return post("/v1/payment_intents", **fields)


class Shop:
    """The shop's client."""

    def __init__(self):
        self.process = subprocess.Popen([CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def do(self, what, **line):
        line = {"do": what, "base_url": URL, "key": KEY, "secret": "off", "now": int(time.time()),
                "number": 7, **line}
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer.get("ok") or answer.get("failed") or answer["error"]


def tries(shop):
    """What is tried, whether it went as at Stripe, and how it went."""
    status, held = intent(card("4242424242424242"))
    yield "a card is held", held.get("status") == "requires_capture", held.get("status")
    yield "a hold can be captured", "amount_capturable" in held, (
        f"amount_capturable {held.get('amount_capturable', 'is missing')}")
    said = shop.do("capture", reference=held["id"])
    yield "the shop captures a hold", said == "Captured", said
    said = shop.do("authorize")
    yield "the shop asks for a page", said.startswith("ActionNeeded"), said
    first, second = intent(key="same")[1], intent(key="same")[1]
    yield "a key makes one payment", first["id"] == second["id"], (
        "the same payment" if first["id"] == second["id"] else "two payments")
    status, _ = intent(key="same", amount=1)
    yield "a key with other parameters is refused", status == 400, f"status {status}"
    status, _ = intent(**{"payment_method_types[]": "card"})
    yield "payment_method_types is refused", status == 400, f"status {status}"
    status, _ = intent(description="M-2026-0001")
    yield "a description is taken", status == 200, f"status {status}"
    status, declined = intent(card("4000000000000002"))
    yield "a declining card is declined", status == 402, f"{status} {declined.get('status', '')}"
    _, paid = intent(card("4242424242424242"), capture_method="automatic")
    status, _ = post("/v1/refunds", payment_intent=paid["id"], amount=9900)
    yield "no more is refunded than was paid", status == 400, f"status {status}"


def main():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    program = subprocess.Popen([PROGRAM, "--port", str(PORT), "--from-scratch"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                post("/v1/customers")
                break
            except OSError:
                time.sleep(0.1)
        print(json.dumps(list(tries(Shop()))))
    finally:
        program.kill()


main()
