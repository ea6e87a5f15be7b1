"""The official verifiers of webhooks, and the changes that they and the shop must refuse."""

import urllib.parse

import warnings

from messagebird.request_validator import RequestValidator as MessageBirdValidator
from pywa.utils import webhook_updates_validator
from twilio.request_validator import (
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator as TwilioValidator,
    get_signature_algorithm,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from bird import Bird

RULE = SIGNATURE_SETTINGS_HEADER.lower()


def of(emulator, node):
    """Verifier, its judgement of a call, and the changes, for each verifier of a provider."""
    return {"meta": meta, "twilio": twilio, "messagebird": messagebird, "bird": bird}[
        emulator.provider
    ](emulator, node)


def compare(calls, changes, official, ours):
    """Gives each call, and each changed copy, to both. They must agree with each other and with
    what is right."""
    for call in calls:
        for name, change, expected in changes:
            changed = change({**call, "headers": dict(call["headers"])})
            theirs, mine = official(changed), ours(changed)
            assert theirs == mine == expected, (
                f"{name}: they say {theirs}, we say {mine}, right is {expected}"
            )
    return f"{len(calls)} webhooks, each in {len(changes)} ways"


def events(calls, read):
    """Each webhook as it was sent must be an event for the shop."""
    found = [read(call).get("events") for call in calls]
    assert all(count == 1 for count in found), f"events of each webhook: {found}"
    return f"{len(found)} events"


def keep(call):
    return call


def header(name, change):
    """A change of one header."""

    def changed(call):
        if name in call["headers"]:
            call["headers"][name] = change(call["headers"][name])
        return call

    return changed


def flip(text):
    """The text with its last letter or digit changed."""
    place = max(index for index, letter in enumerate(text) if letter.isalnum()) - 1
    return text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]


def hexadecimal(text):
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def body(call):
    call["body"] += "x"
    return call


def address(call):
    call["url"] = call["url"].replace("/webhooks/", "/webhook/")
    return call




def meta(emulator, node):
    secret, name = emulator.settings["META_APP_SECRET"], "x-hub-signature-256"
    changes = [
        ("as it was sent", keep, True),
        ("another body", body, False),
        ("another signature", header(name, hexadecimal), False),
        ("a signature cut short", header(name, lambda text: text[:-2]), False),
    ]

    def pywa(call):
        return webhook_updates_validator(secret, call["body"].encode(), call["headers"][name])

    yield "PyPI pywa 4.5.0", pywa, changes
    for judge, command in [
        ("npm whatsapp-api-js 6.3.0", "whatsapp-api-js-verify"),
        ("npm @kapso/whatsapp-cloud-api 0.3.0", "kapso-verify"),
    ]:
        yield judge, lambda call, command=command: node(emulator, command, call), changes


def twilio(emulator, node):
    settings = emulator.settings
    name = "x-twilio-signature"
    changes = [
        ("as it was sent", keep, True),
        ("another body", body, False),
        ("another address", address, False),
        ("another signature", header(name, flip), False),
    ]
    if "TWILIO_WEBHOOK_SHARED_KEY" in settings:
        changes += [
            ("SHA-1 in the header", header(RULE, lambda it: it.replace("256", "1")), False),
            ("SHA-512 in the header", header(RULE, lambda it: it.replace("256", "512")), False),
            ("lower case", header(RULE, str.lower), True),
        ]

    def secret(call):
        named = call["headers"].get(RULE)
        return settings["TWILIO_WEBHOOK_SHARED_KEY" if named else "TWILIO_AUTH_TOKEN"]

    def pypi(call):
        form = dict(urllib.parse.parse_qsl(call["body"], keep_blank_values=True))
        algorithm = get_signature_algorithm(call["headers"].get(RULE))
        validator = TwilioValidator(secret(call))
        return validator.validate(call["url"], form, call["headers"][name], algorithm)

    yield "PyPI twilio 9.13.0", pypi, changes
    yield "npm twilio 6.3.1", lambda call: node(
        emulator, "twilio-verify-webhook", {**call, "secret": secret(call)}
    ), changes


def messagebird(emulator, _):
    validator = MessageBirdValidator(emulator.settings["MESSAGEBIRD_SIGNING_KEY"])
    name = "messagebird-signature-jwt"
    changes = [
        ("as it was sent", keep, True),
        ("another body", body, False),
        ("another address", address, False),
        ("another signature", header(name, flip), False),
        ("another algorithm", header(name, lambda text: "eyJhbGciOiJub25lIn0" + text[20:]), False),
    ]

    def pypi(call):
        try:
            validator.validate_signature(call["headers"][name], call["url"], call["body"].encode())
            return True
        except Exception:
            return False

    yield "PyPI messagebird 2.2.0", pypi, changes


def bird(emulator, _):
    secret = emulator.settings["BIRD_V1_WEBHOOK_SECRET"]
    client = Bird(api_key="bk_eu1_unused", base_url="http://127.0.0.1:1")
    changes = [
        ("as it was sent", keep, True),
        ("another body", body, False),
        ("another signature", header("webhook-signature", flip), False),
        ("another id", header("webhook-id", lambda text: text + "x"), False),
        ("another time", header("webhook-timestamp", lambda text: str(int(text) - 1)), False),
        ("a second signature", header("webhook-signature", lambda text: "v1,AAAA " + text), True),
    ]

    def sdk(call):
        try:
            client.webhooks.unwrap(call["body"], call["headers"], secret=secret)
            return True
        except Exception:
            return False

    yield "PyPI messagebird-sdk 0.106.0", sdk, changes
