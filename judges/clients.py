"""The official clients, each driving the emulator of its provider."""

import json
import warnings

import httpx
import messagebird
import messagebird.client as messagebird_client
from pywa import WhatsApp
from pywa.types.templates import (
    AuthenticationBody,
    AuthenticationFooter,
    Buttons,
    CopyCodeOTPButton,
    Template,
    TemplateCategory,
    TemplateLanguage,
)
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client as TwilioClient
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from bird import APIStatusError, Bird

# Numbers that are reserved for fiction; the emulators choose the outcome by the last digits.
REACHED, UNREACHED, NOT_DELIVERED = "+447700900111", "+447700900026", "+447700900404"
CODE = "123456"
SHARED_KEY = "judges-shared-key-0123456789"
TEMPLATE = "judged_login_code"

# The emulators, with settings that differ from their defaults.
EMULATORS = [
    ("meta", ()),
    ("twilio", ()),
    ("twilio", (f"TWILIO_WEBHOOK_SHARED_KEY={SHARED_KEY}",)),
    ("messagebird", ()),
    ("bird", ()),
]


def of(emulator, node):
    """Client, check and action, for each client of a provider."""
    return {"meta": meta, "twilio": twilio, "messagebird": messagebird_, "bird": bird}[
        emulator.provider
    ](emulator, node)


def refused(action, kind, code):
    """Asserts that an action fails with this error."""
    try:
        action()
    except kind as error:
        found = getattr(error, "code", None)
        assert found == code, f"the code is {found} and not {code}"
        return f"refused with {code}"
    raise AssertionError("it was accepted")


def meta(emulator, node):
    pywa = "PyPI pywa 4.5.0"
    settings = emulator.settings
    client = WhatsApp(
        settings["META_PHONE_NUMBER_ID"],
        settings["META_ACCESS_TOKEN"],
        session=httpx.Client(),
        waba_id=settings["META_WABA_ID"],
    )
    client.api._session.base_url = emulator.url + "/v26.0"

    def create():
        template = Template(
            name=TEMPLATE,
            language=TemplateLanguage.ENGLISH,
            category=TemplateCategory.AUTHENTICATION,
            components=[
                AuthenticationBody(add_security_recommendation=True),
                AuthenticationFooter(code_expiration_minutes=10),
                Buttons(buttons=[CopyCodeOTPButton(text="Copy code")]),
            ],
            message_send_ttl_seconds=600,
        )
        return client.create_template(template).status

    def listed():
        found = client.get_templates()
        assert found.total_count == 1 and [each.name for each in found] == [TEMPLATE]
        return f"quality {next(iter(client.get_templates())).quality_score}"

    def send(to):
        parameters = [
            AuthenticationBody.params(otp=CODE),
            CopyCodeOTPButton.params(otp=CODE),
        ]
        return client.send_template(to, TEMPLATE, TemplateLanguage.ENGLISH, parameters).id

    def change():
        return emulator.post("/emulator/user-changes", {"from": REACHED, "to": "+447700900112"})

    yield pywa, "creates a template", create
    yield pywa, "lists the templates", listed
    yield pywa, "sends a code", lambda: send(REACHED)
    yield pywa, "sends a code that fails", lambda: send(UNREACHED)
    yield "npm whatsapp-api-js 6.3.0", "sends a code", lambda: node(emulator, "whatsapp-api-js")
    yield "npm @kapso/whatsapp-cloud-api 0.3.0", "sends a code", lambda: node(emulator, "kapso")
    yield "npm @kapso/whatsapp-cloud-api 0.3.0", "lists the templates", lambda: node(
        emulator, "kapso-templates"
    )
    yield "emulator", "tells of a changed number", change


class Local(TwilioHttpClient):
    """Sends the requests for any host of Twilio to the emulator."""

    def __init__(self, url):
        super().__init__()
        self.url = url

    def request(self, method, url, *arguments, **options):
        path = url.split("://", 1)[1].split("/", 1)[1]
        return super().request(method, f"{self.url}/{path}", *arguments, **options)


def twilio(emulator, node):
    pypi = "PyPI twilio 9.13.0"
    settings, callback = emulator.settings, f"{emulator.shop.url}/webhooks/twilio?reference=7"
    client = TwilioClient(
        settings["TWILIO_ACCOUNT_SID"], settings["TWILIO_AUTH_TOKEN"], http_client=Local(emulator.url)
    )
    verify = client.verify.v2.services(settings["TWILIO_VERIFY_SERVICE_SID"])
    made = {}

    def create():
        types = {
            "whatsapp/authentication": {
                "add_security_recommendation": True,
                "code_expiration_minutes": 10,
                "actions": [{"type": "COPY_CODE", "copy_code_text": "Copy code"}],
            }
        }
        request = {"friendly_name": TEMPLATE, "language": "en", "variables": {"1": CODE},
                   "types": types}
        response = httpx.post(
            emulator.url + "/v1/Content",
            json=request,
            auth=(settings["TWILIO_ACCOUNT_SID"], settings["TWILIO_AUTH_TOKEN"]),
        )
        made["content"] = response.json()["sid"]
        approval = ApprovalCreateList.ContentApprovalRequest(
            {"name": TEMPLATE, "category": "AUTHENTICATION"}
        )
        return client.content.v1.contents(made["content"]).approval_create.create(approval).status

    def listed():
        found = client.content.v1.content_and_approvals.list()
        return found[0].approval_requests["status"]

    def send(to, variables):
        message = client.messages.create(
            to=f"whatsapp:{to}",
            from_=settings["TWILIO_FROM"],
            content_sid=made["content"],
            content_variables=json.dumps(variables),
            status_callback=callback,
        )
        return message.sid

    def failed():
        sid = send(UNREACHED, {"1": CODE})
        emulator.shop.wait(len(emulator.shop.calls))
        for _ in range(100):
            message = client.messages(sid).fetch()
            if message.error_code:
                return f"{message.status}, error {message.error_code}"
        raise AssertionError(f"it reads back {message.status}, error {message.error_code}")

    def text():
        message = client.messages.create(
            to=REACHED, from_=settings["TWILIO_SMS_FROM"], body=f"{CODE} is your code.",
            status_callback=callback,
        )
        return message.status

    def no_sender():
        return client.messages.create(to=REACHED, body="hello")

    def verification():
        sent = verify.verifications.create(to=REACHED, channel="whatsapp", custom_code=CODE)
        return verify.verifications(sent.sid).update(status="approved").status

    yield pypi, "creates and submits a content", create
    yield pypi, "lists the contents", listed
    yield pypi, "sends a code", lambda: send(REACHED, {"1": CODE})
    yield pypi, "is refused two variables", lambda: refused(
        lambda: send(REACHED, {"1": CODE, "2": "Marigold"}), TwilioRestException, 21656
    )
    yield pypi, "reads a failure back", failed
    yield pypi, "sends a text message", text
    yield pypi, "is refused a missing sender", lambda: refused(no_sender, TwilioRestException, 21603)
    yield pypi, "sends and ends a verification", verification
    yield "npm twilio 6.3.1", "sends a code", lambda: node(emulator, "twilio", made)
    yield "npm twilio 6.3.1", "sends and ends a verification", lambda: node(
        emulator, "twilio-verify"
    )


def messagebird_(emulator, _):
    pypi = "PyPI messagebird 2.2.0"
    settings, report = emulator.settings, f"{emulator.shop.url}/webhooks/messagebird"
    messagebird_client.CONVERSATION_API_ROOT = emulator.url + "/v1/"
    messagebird_client.ENDPOINT = emulator.url
    client = messagebird.Client(settings["MESSAGEBIRD_ACCESS_KEY"])
    made = {}

    def create():
        components = [
            {"type": "BODY", "add_security_recommendation": True},
            {"type": "FOOTER", "code_expiration_minutes": 10},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE",
                                             "text": "Copy code"}]},
        ]
        body = {"name": TEMPLATE, "language": "en", "category": "AUTHENTICATION",
                "components": components, "wabaID": settings["MESSAGEBIRD_WABA_ID"]}
        answer = httpx.post(
            emulator.url + "/v2/platforms/whatsapp/templates",
            json=body,
            headers={"authorization": f"AccessKey {settings['MESSAGEBIRD_ACCESS_KEY']}"},
        )
        assert answer.status_code < 300, answer.text
        return answer.status_code

    def send(to):
        text = {"type": "text", "text": CODE}
        message = client.conversation_start(
            {
                "to": to,
                "channelId": settings["MESSAGEBIRD_CHANNEL_ID"],
                "type": "hsm",
                "reportUrl": report,
                "content": {
                    "hsm": {
                        "namespace": settings["MESSAGEBIRD_NAMESPACE"],
                        "templateName": TEMPLATE,
                        "language": {"policy": "deterministic", "code": "en"},
                        "components": [
                            {"type": "body", "parameters": [text]},
                            {"type": "button", "sub_type": "url", "index": "0",
                             "parameters": [text]},
                        ],
                    }
                },
            }
        )
        made["id"] = message.id
        return message.status

    def text(to):
        message = client.message_create(
            settings["MESSAGEBIRD_SMS_FROM"], to, f"{CODE} is your code.",
            {"reportUrl": report, "reference": "7"},
        )
        made["sms"] = message.id
        return message.recipients["totalCount"]

    def webhook():
        request = {"channelId": settings["MESSAGEBIRD_CHANNEL_ID"], "url": report,
                   "events": ["message.updated"]}
        created = client.conversation_create_webhook(request)
        changed = client.conversation_update_webhook(created.id, {"status": "disabled"})
        assert changed.status == "disabled", f"it reads back {changed.status}"
        read = client.conversation_read_webhook(created.id)
        assert read.status == "disabled", f"later it reads back {read.status}"
        return read.status

    yield "set-up", "creates a template", create
    yield pypi, "sends a code", lambda: send(REACHED)
    yield pypi, "sends a code that fails", lambda: send(UNREACHED)
    yield pypi, "sends a text message", lambda: text(REACHED[1:])
    yield pypi, "reads a text message", lambda: client.message(made["sms"]).id
    yield pypi, "disables a webhook", webhook


def bird(emulator, _):
    sdk = "PyPI messagebird-sdk 0.106.0"
    client = Bird(api_key=emulator.settings["BIRD_V1_API_KEY"], base_url=emulator.url)
    made = {}

    def send(to):
        text = [{"type": "text", "text": CODE}]
        message = client.whatsapp.send(
            to=to,
            template="bird_otp",
            language="en",
            components=[
                {"type": "body", "parameters": text},
                {"type": "button", "parameters": text},
            ],
            metadata={"ref": "7"},
        )
        made["whatsapp"] = message.id
        assert CODE not in message.model_dump_json(), "the code is not redacted"
        return message.status

    def text(to):
        message = client.sms.send(
            to=to, from_="Marigold", text=f"{CODE} is your code.", category="authentication"
        )
        made["sms"] = message.id
        assert CODE not in message.model_dump_json(), "the code is not redacted"
        return message.status

    def read(kind):
        message = getattr(client, kind).get(made[kind])
        return f"{message.status}, {message.last_error and message.last_error.code}"

    def failed(kind, action, to):
        action(to)
        for _ in range(100):
            message = getattr(client, kind).get(made[kind])
            if message.last_error:
                return f"{message.status}, {message.last_error.code}"
        raise AssertionError(f"it reads back {message.status} without an error")

    def no_sender():
        try:
            client.sms.send(to=REACHED, text="hello", category="transactional")
        except APIStatusError as error:
            return type(error).__name__
        raise AssertionError("it was accepted")

    yield sdk, "sends a code", lambda: send(REACHED)
    yield sdk, "reads a message", lambda: read("whatsapp")
    yield sdk, "lists the messages", lambda: len(client.whatsapp.list(limit=5).data)
    yield sdk, "reads a failure back", lambda: failed("whatsapp", send, UNREACHED)
    yield sdk, "sends a text message", lambda: text(REACHED)
    yield sdk, "reads a text message", lambda: read("sms")
    yield sdk, "reads a failed text back", lambda: failed("sms", text, NOT_DELIVERED)
    yield sdk, "is refused a missing sender", no_sender
