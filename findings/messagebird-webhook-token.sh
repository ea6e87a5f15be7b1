#!/usr/bin/env bash
# MessageBird's own libraries disagree on which webhook tokens are valid.
#
# What one would expect: a token that one official library accepts is accepted by the other one.
# What happens: the library for Python demands `nbf` and not `jti`, allows one second of difference
# between the clocks, and refuses the digest of an empty body; the one for Node demands `jti` and
# not `nbf`, allows five seconds, and accepts that digest. So a reader of webhooks that follows one
# of them refuses calls that the other one accepts.
# Versions: PyPI messagebird 2.2.0, npm messagebird 4.0.1. Date: 2026-11-28.
# Source: messagebird/request_validator.py, lib/webhook-signature-jwt.js.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet messagebird==2.2.0
npm init --yes >npm.log
npm install --ignore-scripts --no-audit --no-fund messagebird@4.0.1 >>npm.log 2>&1

# The tokens, made with PyJWT, which the library for Python depends on.
cat >tokens.py <<'PYTHON'
import hashlib, json, time
import jwt

url, key, body = "https://shop.example/hook", "a signing key of thirty-two bytes", b'{"type":"message.updated"}'
digest = lambda text: hashlib.sha256(text).hexdigest()
now = int(time.time())

def token(without=(), empty=False, **changed):
    claims = {"iss": "MessageBird", "nbf": now, "exp": now + 60, "jti": "1",
              "url_hash": digest(url.encode())}
    if not empty:
        claims["payload_hash"] = digest(body)
    claims.update(changed)
    for name in without:
        del claims[name]
    return jwt.encode(claims, key, algorithm="HS256")

cases = {
    "complete": (token(), body),
    "without jti": (token(["jti"]), body),
    "without nbf": (token(["nbf"]), body),
    "valid in three seconds": (token(nbf=now + 3), body),
    "digest of an empty body": (token(empty=True, payload_hash=digest(b"")), b""),
    "no digest of an empty body": (token(empty=True), b""),
}
print(json.dumps([[name, url, key, made, text.decode()] for name, (made, text) in cases.items()]))
PYTHON
cat >judge.py <<'PYTHON'
import json, sys
from messagebird.request_validator import RequestValidator

def is_valid(url, key, token, body):
    try:
        return bool(RequestValidator(key).validate_signature(token, url, body.encode()))
    except Exception:
        return False

print(json.dumps([is_valid(*case[1:]) for case in json.load(sys.stdin)]))
PYTHON
cat >judge.cjs <<'NODE'
const { createSecretKey } = require('crypto');
const { readFileSync } = require('fs');
const { verify } = require('messagebird/lib/webhook-signature-jwt');
const isValid = ([, url, key, token, body]) =>
  verify(url, Buffer.from(body), token, createSecretKey(Buffer.from(key))).then(() => true, () => false);
Promise.all(JSON.parse(readFileSync(0, 'utf8')).map(isValid)).then((all) => console.log(JSON.stringify(all)));
NODE
python/bin/python tokens.py >tokens.json
python/bin/python judge.py <tokens.json >python.json
node judge.cjs <tokens.json >node.json
python/bin/python - <<'PYTHON'
import importlib.metadata, json

read = lambda name: json.load(open(name))
print("PyPI messagebird", importlib.metadata.version("messagebird"), "and npm messagebird",
      read("node_modules/messagebird/package.json")["version"])
found = {case[0]: verdicts for case, *verdicts in zip(read("tokens.json"), read("python.json"), read("node.json"))}
for name, (python, node) in found.items():
    print(f"  {name:28} Python: {python!s:5}  Node: {node}")
assert found == {
    "complete": [True, True],
    "without jti": [True, False],
    "without nbf": [False, True],
    "valid in three seconds": [False, True],
    "digest of an empty body": [False, True],
    "no digest of an empty body": [True, True],
}, found
PYTHON
