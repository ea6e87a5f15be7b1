"""The official client of Stripe, which drives the emulator, and its verifier of webhooks."""

import time
import urllib.error
import urllib.parse
import urllib.request

import stripe
from stripe import params
from stripe.params import checkout

CLIENT = "PyPI stripe 16.1.0"
BACK = "https://shop.example/back"
# 3-D Secure's page, and cards by their numbers, as a shopper types them.
PAID, DECLINED, AUTHENTICATED = "4242424242424242", "4000000000009995", "4000002760003184"


# The official types of parameters, by the operation that has them, and of objects in them.
TYPES = [
    ("POST", "checkout/sessions", checkout.SessionCreateParams),
    ("GET", "checkout/sessions", checkout.SessionListParams),
    ("POST", "checkout/sessions/cs_0", checkout.SessionUpdateParams),
    ("POST", "payment_intents", params.PaymentIntentCreateParams),
    ("POST", "payment_intents/pi_0", params.PaymentIntentUpdateParams),
    ("POST", "payment_intents/pi_0/confirm", params.PaymentIntentConfirmParams),
    ("POST", "payment_intents/pi_0/capture", params.PaymentIntentCaptureParams),
    ("POST", "payment_intents/pi_0/cancel", params.PaymentIntentCancelParams),
    ("GET", "payment_intents", params.PaymentIntentListParams),
    ("POST", "refunds", params.RefundCreateParams),
    ("POST", "refunds/re_0", params.RefundUpdateParams),
    ("GET", "refunds", params.RefundListParams),
    ("POST", "customers", params.CustomerCreateParams),
    ("POST", "customers/cus_0", params.CustomerUpdateParams),
    ("GET", "customers", params.CustomerListParams),
    ("POST", "payment_methods/pm_0", params.PaymentMethodUpdateParams),
    ("POST", "payment_methods/pm_0/attach", params.PaymentMethodAttachParams),
    ("GET", "payment_methods", params.PaymentMethodListParams),
    ("GET", "charges", params.ChargeListParams),
    ("POST", "disputes/du_0", params.DisputeUpdateParams),
    ("GET", "disputes", params.DisputeListParams),
    ("GET", "events", params.EventListParams),
    ("POST", "webhook_endpoints", params.WebhookEndpointCreateParams),
    ("POST", "webhook_endpoints/we_0", params.WebhookEndpointUpdateParams),
    ("GET", "webhook_endpoints", params.WebhookEndpointListParams),
]
SESSION, INTENT = "checkout/sessions", "payment_intents"
OBJECTS = [
    (SESSION, "payment_intent_data", checkout.SessionCreateParamsPaymentIntentData),
    (SESSION, "line_items[0]", checkout.SessionCreateParamsLineItem),
    (SESSION, "line_items[0][price_data]", checkout.SessionCreateParamsLineItemPriceData),
    (SESSION, "line_items[0][price_data][product_data]",
     checkout.SessionCreateParamsLineItemPriceDataProductData),
    (SESSION, "saved_payment_method_options",
     checkout.SessionCreateParamsSavedPaymentMethodOptions),
    (SESSION, "shipping_options[0]", checkout.SessionCreateParamsShippingOption),
    (SESSION, "shipping_options[0][shipping_rate_data]",
     checkout.SessionCreateParamsShippingOptionShippingRateData),
    (SESSION, "payment_method_options[card]",
     checkout.SessionCreateParamsPaymentMethodOptionsCard),
    (INTENT, "payment_method_options[card]", params.PaymentIntentCreateParamsPaymentMethodOptionsCard),
    (INTENT, "automatic_payment_methods", params.PaymentIntentCreateParamsAutomaticPaymentMethods),
]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def submit(url, **form):
    """Posts a form as a browser does, and returns the status and the address it is sent to."""
    opener = urllib.request.build_opener(NoRedirect)
    try:
        answer = opener.open(url, urllib.parse.urlencode(form).encode())
    except urllib.error.HTTPError as error:
        answer = error
    location = answer.headers.get("location") or ""
    return answer.status, urllib.parse.urljoin(url, location)


def enter(url, number):
    return submit(url, number=number, expiry="12 / 34", cvc="123", name="A Shopper",
                  email="shopper@shop.example")


def refused(action, kind, code):
    """Asserts that an action fails with this error."""
    try:
        action()
    except kind as error:
        assert error.code == code, f"the code is {error.code} and not {code}"
        return f"refused with {code}"
    raise AssertionError("it was accepted")


class Drive:
    """One client, and the objects that it has made."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.settings = emulator.settings
        self.client = stripe.StripeClient(
            self.settings["STRIPE_SECRET_KEY"],
            base_addresses={"api": emulator.url},
            max_network_retries=2,
        )
        self.v1 = self.client.v1
        self.made = {}

    def pay(self, method="pm_card_visa", key=None, **more):
        parameters = {
            "amount": 2000, "currency": "eur", "confirm": True, "payment_method": method,
            "return_url": BACK, "metadata": {"order": "7"}, **more,
        }
        if more.get("off_session"):
            del parameters["return_url"]
        return self.v1.payment_intents.create(parameters, {"idempotency_key": key} if key else {})

    def hold(self):
        return self.pay(capture_method="manual")

    def session(self, **more):
        item = {"quantity": 2, "price_data": {"currency": "eur", "unit_amount": 1000,
                                              "product_data": {"name": "Seeds"}}}
        return self.v1.checkout.sessions.create({
            "mode": "payment", "line_items": [item], "success_url": BACK + "?s={CHECKOUT_SESSION_ID}",
            "cancel_url": BACK, "payment_intent_data": {"capture_method": "manual"}, **more,
        })

    def totals(self):
        return self.emulator.get("/emulator/ledger")["totals"]["eur"]

    def fault(self, kind, path):
        self.emulator.post("/emulator/scripted-faults", [{"kind": kind, "path": path}])

    # Reading

    def account(self):
        account = self.v1.accounts.retrieve_current()
        assert account.charges_enabled
        return f"{account.country}, {account.default_currency}"

    def endpoints(self):
        made = self.v1.webhook_endpoints.create(
            {"url": self.emulator.shop.url + "/other", "enabled_events": ["charge.refunded"]})
        assert made.secret.startswith("whsec_")
        self.v1.webhook_endpoints.update(made.id, {"disabled": True})
        found = self.v1.webhook_endpoints.list().data
        self.v1.webhook_endpoints.delete(made.id)
        return [each.status for each in found]

    # PaymentIntents

    def captures(self):
        intent = self.hold()
        assert intent.status == "requires_capture" and intent.amount_capturable == 2000
        too_much = lambda: self.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2001})
        refused(too_much, stripe.InvalidRequestError, "amount_too_large")
        captured = self.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1500})
        again = lambda: self.v1.payment_intents.capture(intent.id)
        refused(again, stripe.InvalidRequestError, "payment_intent_unexpected_state")
        self.made["captured"] = captured.id
        return f"{captured.status}, {captured.amount_received}"

    def cancels(self):
        return self.v1.payment_intents.cancel(self.hold().id).status

    def refunds(self):
        intent = self.made["captured"]
        part = self.v1.refunds.create({"payment_intent": intent, "amount": 1000})
        over = lambda: self.v1.refunds.create({"payment_intent": intent, "amount": 501})
        refused(over, stripe.InvalidRequestError, "amount_too_large")
        rest = self.v1.refunds.create({"payment_intent": intent})
        none = lambda: self.v1.refunds.create({"payment_intent": intent})
        refused(none, stripe.InvalidRequestError, "charge_already_refunded")
        return f"{part.amount} and {rest.amount}"

    def declined(self):
        try:
            self.pay("pm_card_visa_chargeDeclinedInsufficientFunds")
        except stripe.CardError as error:
            assert error.error.payment_intent.status == "requires_payment_method"
            return f"{error.code}, {error.error.decline_code}"
        raise AssertionError("it was accepted")

    def authenticates(self):
        intent = self.pay("pm_card_authenticationRequired", capture_method="manual")
        status, back = submit(intent.next_action.redirect_to_url.url, outcome="complete")
        assert status == 303 and back.startswith(BACK + "?payment_intent=" + intent.id), back
        return self.v1.payment_intents.retrieve(intent.id).status

    def saves(self):
        customer = self.v1.customers.create({"email": "shopper@shop.example"})
        first = self.pay(customer=customer.id, setup_future_usage="off_session")
        again = self.pay(first.payment_method, customer=customer.id, off_session=True)
        found = self.v1.customers.payment_methods.list(customer.id).data
        assert [each.id for each in found] == [first.payment_method]
        return again.status

    def disputed(self):
        intent = self.pay("pm_card_createDispute")
        dispute = self.v1.disputes.list({"payment_intent": intent.id}).data[0]
        evidence = {"evidence": {"uncategorized_text": "losing_evidence"}}
        return self.v1.disputes.update(dispute.id, evidence).status

    # Checkout

    def checks_out(self):
        session = self.session()
        assert session.payment_intent is None
        assert enter(session.url, DECLINED)[0] == 422
        status, back = enter(session.url, PAID)
        assert (status, back) == (303, f"{BACK}?s={session.id}"), (status, back)
        session = self.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent", "line_items"]})
        assert session.line_items.data[0].quantity == 2
        self.v1.payment_intents.capture(session.payment_intent.id)
        return f"{session.status}, {session.payment_status}, {session.payment_intent.status}"

    def checks_out_with_authentication(self):
        session = self.session()
        _, bank = enter(session.url, AUTHENTICATED)
        status, back = submit(bank, outcome="fail")
        assert (status, back) == (303, session.url), back
        _, bank = enter(session.url, AUTHENTICATED)
        submit(bank, outcome="complete")
        return self.v1.checkout.sessions.retrieve(session.id).status

    def expires(self):
        session = self.session(expires_at=int(time.time()) + 1860)
        soon = lambda: self.session(expires_at=int(time.time()) + 60)
        refused(soon, stripe.InvalidRequestError, None)
        return self.v1.checkout.sessions.expire(session.id).status

    def refused_parameter(self):
        wrong = lambda: self.session(payment_method_types=["card"])
        return refused(wrong, stripe.InvalidRequestError, "parameter_unknown")

    # Keys and faults

    def same_key(self):
        first, again = self.pay(key="judge-1"), self.pay(key="judge-1")
        assert first.id == again.id
        return again.last_response.headers["idempotent-replayed"]

    def other_parameters(self):
        return refused(lambda: self.pay(key="judge-1", amount=2001), stripe.IdempotencyError, None)

    def lost_answer(self):
        before = self.totals()["captured"]
        intent = self.hold()
        self.fault("reset_after", "/capture")
        captured = self.v1.payment_intents.capture(intent.id)
        assert captured.last_response.headers["idempotent-replayed"] == "true"
        assert self.totals()["captured"] == before + 2000
        return "captured once"

    def stored_error(self):
        intent = self.hold()
        self.fault("internal_after", "/capture")
        refused(lambda: self.v1.payment_intents.capture(intent.id), stripe.APIError, None)
        return self.v1.payment_intents.retrieve(intent.id).status

    def wrong_key(self):
        other = stripe.StripeClient("sk_test_wrong", base_addresses={"api": self.emulator.url})
        return refused(lambda: other.v1.balance.retrieve(), stripe.AuthenticationError, None)

    # Events

    def lists(self):
        ids = [intent.id for intent in self.v1.payment_intents.list({"limit": 3}).auto_paging_iter()]
        assert len(ids) == len(set(ids)) and len(ids) > 3
        return f"{len(ids)} over pages of 3"

    def verifies(self):
        secret = self.settings["STRIPE_WEBHOOK_SECRET"]
        calls = self.emulator.shop.wait(20)
        for call in calls:
            header = call["headers"]["stripe-signature"]
            event = stripe.Webhook.construct_event(call["body"], header, secret)
            assert event.api_version == "2026-10-28.endive"
            for changed in [call["body"] + " ", call["body"].replace("evt_", "evt-", 1)]:
                wrong = lambda: stripe.Webhook.construct_event(changed, header, secret)
                refused(wrong, stripe.SignatureVerificationError, None)
        return f"{len(calls)} webhooks"

    def rolls(self):
        new = self.emulator.post("/emulator/webhooks/roll", {})["secret"]
        count = len(self.emulator.shop.calls)
        self.pay()
        call = self.emulator.shop.wait(count + 3)[-1]
        for secret in [new, self.settings["STRIPE_WEBHOOK_SECRET"]]:
            stripe.Webhook.construct_event(
                call["body"], call["headers"]["stripe-signature"], secret)
        return "both secrets sign"

    def knows_parameters(self):
        """The emulator plays a parameter, or says that it does not; it knows each one."""
        options = set(stripe.RequestOptions.__annotations__)
        names = [(method, path, name) for method, path, kind in TYPES
                 for name in set(kind.__annotations__) - options]
        names += [("POST", path, f"{place}[{name}]") for path, place, kind in OBJECTS
                  for name in kind.__annotations__]
        unknown = []
        for method, path, name in names:
            try:
                self.client.raw_request(method.lower(), f"/v1/{path}", **{name: "?"})
            except stripe.InvalidRequestError as error:
                if error.code == "parameter_unknown":
                    unknown.append(f"{path}: {name}")
        assert not unknown, unknown
        return f"{len(names)} parameters"

    def balances(self):
        sums = self.totals()
        assert sums["authorized"] == sums["captured"] + sums["released"] + sums["held"], sums
        assert sums["refunded"] <= sums["captured"], sums
        return sums


def of(emulator):
    """Client, check and action, in their order."""
    drive = Drive(emulator)
    for what, action in [
        ("reads the account", drive.account),
        ("manages webhook endpoints", drive.endpoints),
        ("captures once, and never too much", drive.captures),
        ("cancels an authorization", drive.cancels),
        ("refunds once, and never too much", drive.refunds),
        ("reads why a card is declined", drive.declined),
        ("lets a shopper authenticate", drive.authenticates),
        ("charges a saved card", drive.saves),
        ("answers a dispute", drive.disputed),
        ("pays on the hosted page", drive.checks_out),
        ("pays there with 3-D Secure", drive.checks_out_with_authentication),
        ("expires a session", drive.expires),
        ("is refused payment_method_types", drive.refused_parameter),
        ("repeats a key", drive.same_key),
        ("is refused a key's other use", drive.other_parameters),
        ("repeats a request without an answer", drive.lost_answer),
        ("reads on after a stored error", drive.stored_error),
        ("is refused a wrong key", drive.wrong_key),
        ("knows every parameter of the types", drive.knows_parameters),
        ("lists page by page", drive.lists),
        ("verifies each webhook", drive.verifies),
        ("verifies during a roll of the secret", drive.rolls),
    ]:
        yield CLIENT, what, action
    yield "ledger", "sums agree", drive.balances
