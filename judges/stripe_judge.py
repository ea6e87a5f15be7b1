"""Stripe: its libraries judge the shop's requests and webhooks."""

import json
import subprocess
import sys
import time

import stripe_requests
import stripe_signatures


class Shop:
    """The shop's client of Stripe."""

    def __init__(self, binaries):
        self.process = subprocess.Popen([f"{binaries}/examples/judge_stripe"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def do(self, line):
        line = {"secret": stripe_signatures.SECRET, "now": int(time.time()), **line}
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer


def judge(table, folder, binaries):
    shop = Shop(binaries)
    stripe_requests.judge(table, shop)
    stripe_signatures.judge(table, shop, folder)
    peer(table, folder, binaries)


def peer(table, folder, binaries):
    """localstripe, which is no judge: it shows where an emulator may go wrong."""
    name = "PyPI localstripe 1.15.10"
    command = ["unshare", "--map-root-user", "--net", sys.executable, "judges/localstripe_peer.py",
               f"{folder}/localstripe/bin/localstripe", f"{binaries}/examples/judge_stripe"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        reason = run.stderr.strip().splitlines()[-1:] or ["it failed"]
        table.differs("localstripe", name, "was not run", reason[0])
        return
    for what, is_stripes, detail in json.loads(run.stdout):
        if is_stripes:
            table.check("localstripe", name, what, lambda detail=detail: detail)
        else:
            table.differs("localstripe", name, what, detail)
