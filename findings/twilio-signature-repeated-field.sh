#!/usr/bin/env bash
# A field that occurs twice in a Twilio webhook is signed once if its values are equal.
#
# What one would expect: Twilio documents the signed text as the address followed by every field
# of the form, sorted by name; so `Tag=a&Tag=a` is signed as `TagaTaga`.
# What happens: both official libraries take the distinct values of a name, sorted, so that the
# text is `Taga`. And the library for Python sees the other values only in a dictionary that keeps
# them all (`getall` of aiohttp's MultiDict, `getlist` of Django's QueryDict): in a plain
# dictionary, as urllib makes it, the earlier values are lost, and a genuine call is refused.
# Versions: PyPI twilio 9.13.0, npm twilio 6.3.1. Date: 2026-11-28.
# Source: `compute_signature` in twilio/request_validator.py, `toFormUrlEncodedParam` in
# lib/webhooks/webhooks.js.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet twilio==9.13.0
npm init --yes >npm.log
npm install --ignore-scripts --no-audit --no-fund twilio@6.3.1 >>npm.log

cat >judge.py <<'PYTHON'
import importlib.metadata
from multidict import MultiDict
from twilio.request_validator import RequestValidator

url, secret = "https://shop.example/hook", RequestValidator("12345")
sign = lambda *pairs: secret.compute_signature(url, MultiDict(pairs))
print("PyPI twilio", importlib.metadata.version("twilio"))
once, equal, both = sign(("Tag", "a")), sign(("Tag", "a"), ("Tag", "a")), sign(("Tag", "b"), ("Tag", "a"))
print("  Tag=a        ", once)
print("  Tag=a&Tag=a  ", equal, "the same:", equal == once)
print("  Tag=b&Tag=a  ", both, "in any order:", both == sign(("Tag", "a"), ("Tag", "b")))
plain = secret.validate(url, dict([("Tag", "b"), ("Tag", "a")]), both)
print("  Tag=b&Tag=a in a plain dictionary is valid:", plain)
assert equal == once and both != once and not plain
PYTHON
cat >judge.cjs <<'NODE'
const twilio = require('twilio');
const { getExpectedTwilioSignature: sign } = require('twilio/lib/webhooks/webhooks');
const url = 'https://shop.example/hook';
console.log('npm twilio', require('twilio/package.json').version);
const [once, equal, both] = ['a', ['a', 'a'], ['b', 'a']].map((Tag) => sign('12345', url, { Tag }));
console.log('  Tag=a        ', once);
console.log('  Tag=a&Tag=a  ', equal, 'the same:', equal === once);
console.log('  Tag=b&Tag=a  ', both);
if (equal !== once || both === once) process.exit(1);
NODE
python/bin/python judge.py
node judge.cjs
