"""An SMTP server for tests. Prints its port, and then each e-mail as a line of JSON.

The only argument is what it does: take everything (`open`), require a password (`auth`), know no
recipient (`unknown`), or be busy (`busy`).
"""

import asyncio
import json
import sys

from aiosmtpd.smtp import SMTP, AuthResult

MODE = sys.argv[1]
ANSWERS = {"unknown": "550 5.1.1 no such mailbox", "busy": "451 4.3.0 try again later"}


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if MODE in ANSWERS:
            return f"{ANSWERS[MODE]}: {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        text = envelope.content.decode("ascii")
        print(json.dumps({"to": envelope.rcpt_tos, "text": text}), flush=True)
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    is_right = (data.login, data.password) == (b"shop", b"p@ss word")
    # `handled` is about the answer: if it is set, aiosmtpd sends none.
    return AuthResult(success=is_right, handled=is_right)


async def main():
    options = {}
    if MODE == "auth":
        options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), **options), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
