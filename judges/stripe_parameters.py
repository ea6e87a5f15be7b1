"""Judges the requests of the shop by the parameter types of PyPI `stripe`.

Stripe generates these types from the specification of its API, so a name, a type or a word that
the API does not know is found without a network. The types are read strictly: unknown fields are
forbidden, and a parameter with a list of words takes only these, where the library takes any text.
"""

import importlib.util
import pathlib
import re
import sys
import urllib.parse

import stripe
from pydantic import ConfigDict, TypeAdapter
from typing_extensions import is_typeddict

FOLDER = pathlib.Path(stripe.__file__).parent / "params"

# The requests that the shop may make, each with its type. `None`: it has no parameters.
TYPES = {
    r"POST /v1/checkout/sessions": ("checkout/_session_create_params", "SessionCreateParams"),
    r"GET /v1/checkout/sessions": ("checkout/_session_list_params", "SessionListParams"),
    r"GET /v1/checkout/sessions/\w+": ("checkout/_session_retrieve_params", "SessionRetrieveParams"),
    r"POST /v1/checkout/sessions/\w+/expire": ("checkout/_session_expire_params", "SessionExpireParams"),
    r"POST /v1/payment_intents": ("_payment_intent_create_params", "PaymentIntentCreateParams"),
    r"GET /v1/payment_intents": ("_payment_intent_list_params", "PaymentIntentListParams"),
    r"GET /v1/payment_intents/\w+": ("_payment_intent_retrieve_params", "PaymentIntentRetrieveParams"),
    r"POST /v1/payment_intents/\w+/confirm": (
        "_payment_intent_confirm_params", "PaymentIntentConfirmParams"),
    r"POST /v1/payment_intents/\w+/capture": (
        "_payment_intent_capture_params", "PaymentIntentCaptureParams"),
    r"POST /v1/payment_intents/\w+/cancel": (
        "_payment_intent_cancel_params", "PaymentIntentCancelParams"),
    r"POST /v1/refunds": ("_refund_create_params", "RefundCreateParams"),
    r"GET /v1/refunds": ("_refund_list_params", "RefundListParams"),
    r"GET /v1/events": ("_event_list_params", "EventListParams"),
    r"GET /v1/webhook_endpoints": ("_webhook_endpoint_list_params", "WebhookEndpointListParams"),
    r"GET /v1/account": None,
    r"GET /v1/country_specs/[A-Z]{2}": None,
}


def adapter(file, name):
    """The strict type of that name."""
    path = FOLDER / f"{file}.py"
    source = path.read_text().replace("']|str\"", "']\"")
    source = re.sub(r"\|UntypedStripeObject\[\w+\]", "", source)
    # The options of the library, such as the key, are no parameters of the API.
    source = "from typing_extensions import TypedDict\n" + source.replace(
        "(RequestOptions)", "(TypedDict)"
    )
    spec = importlib.util.spec_from_loader(f"strict_{path.stem}", loader=None)
    module = importlib.util.module_from_spec(spec)
    exec(compile(source, str(path), "exec"), module.__dict__)
    for value in vars(module).values():
        if is_typeddict(value):
            value.__module__ = module.__name__
            value.__pydantic_config__ = ConfigDict(extra="forbid")
    sys.modules[module.__name__] = module
    return TypeAdapter(getattr(module, name))


def parameters(encoded):
    """A form or query as nested dictionaries and lists: `a[b][0][c]=1`, `d[]=2`."""
    root = {}
    for name, value in urllib.parse.parse_qsl(encoded, keep_blank_values=True, strict_parsing=True):
        keys = [name.split("[", 1)[0], *re.findall(r"\[([^\]]*)\]", name)]
        here = root
        for key, following in zip(keys, keys[1:]):
            here = here.setdefault(key, {})
        key = keys[-1]
        if key in here:
            raise ValueError(f"{name} is sent twice")
        if key == "":
            key = str(len(here))
        here[key] = value
    return lists(root)


def lists(value):
    """Dictionaries whose keys are 0, 1, 2 … become lists."""
    if not isinstance(value, dict):
        return value
    items = {key: lists(inner) for key, inner in value.items()}
    if items and list(items) == [str(index) for index in range(len(items))]:
        return list(items.values())
    return items


class Parameters:
    """The judge. Types are built once."""

    def __init__(self):
        self.adapters = {}

    def judge(self, line, encoded):
        """Raises if the API does not know the request as it was sent."""
        for pattern, kind in TYPES.items():
            if not re.fullmatch(pattern, line):
                continue
            values = parameters(encoded) if encoded else {}
            if kind is None:
                assert not values, f"{line} takes no parameters"
                return values
            if kind not in self.adapters:
                self.adapters[kind] = adapter(*kind)
            self.adapters[kind].validate_python(values)
            return values
        raise AssertionError(f"the shop makes an unknown request: {line}")
