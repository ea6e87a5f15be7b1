"""Lets the providers' own libraries judge the emulators and the shop's reader of webhooks.

Each emulator is driven by the clients that people use, and each webhook that it sends is given to
the provider's verifier and to the shop's: as it was sent, and changed in ways that both must
refuse. Stripe's libraries judge the requests of the shop, too. The table shows each check; the exit
code is 1 if one of them failed.
"""

import json
import subprocess
import sys

import clients
import stripe_clients
import stripe_judge
import verifiers
from emulator import Emulator

FOLDER, BINARIES = sys.argv[1:3]


class Table:
    """The checks, in their order."""

    def __init__(self):
        self.rows = []

    def check(self, provider, judge, what, check):
        try:
            detail = check()
            self.rows.append((provider, judge, what, "ok", str(detail or "")))
        except Exception as problem:  # A judge may fail in any way.
            words = f"{type(problem).__name__}: {problem}".replace("\n", " ")
            self.rows.append((provider, judge, what, "FAILED", words[:300]))

    def differs(self, provider, judge, what, detail):
        """A difference of a program that is no judge."""
        self.rows.append((provider, judge, what, "differs", detail))

    def print(self):
        heads = ("emulator", "judge", "check", "result", "detail")
        widths = [max(len(row[i]) for row in [heads, *self.rows]) for i in range(4)]
        for row in [heads, *self.rows]:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) + "  " + row[4])
        failed, passed = (sum(row[3] == word for row in self.rows) for word in ("FAILED", "ok"))
        print(f"\n{passed} checks passed, {failed} failed")
        return failed


class Ours:
    """The shop's reader of webhooks."""

    def __init__(self):
        self.process = subprocess.Popen(
            [f"{BINARIES}/examples/judge_webhook"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self, emulator, call):
        line = {
            **call,
            "provider": emulator.provider,
            "settings": emulator.settings,
            "public_url": emulator.shop.url,
        }
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer

    def accepts(self, emulator, call):
        return "refused" not in self.read(emulator, call)


def node(emulator, command, value=None):
    """Runs a part of judge.mjs, and returns what it prints."""
    run = subprocess.run(
        ["node", f"{FOLDER}/judge.mjs", command],
        input=json.dumps({"url": emulator.url, "settings": emulator.settings,
                          "shop": emulator.shop.url, "value": value}),
        capture_output=True,
        text=True,
    )
    if run.returncode:
        raise RuntimeError(run.stderr.strip().splitlines()[-1] if run.stderr else "it failed")
    return json.loads(run.stdout)


def main():
    table, ours = Table(), Ours()
    for provider, settings in clients.EMULATORS:
        with Emulator(BINARIES, provider, settings) as emulator:
            label = provider + ("+rule" if settings else "")
            drive(table, emulator, label)
            judge(table, ours, emulator, label)
    with Emulator(BINARIES, "stripe") as emulator:
        for client, what, action in stripe_clients.of(emulator):
            table.check("stripe", client, what, action)
    stripe_judge.judge(table, FOLDER, BINARIES)
    return 1 if table.print() else 0


def drive(table, emulator, label):
    for client, what, action in clients.of(emulator, node):
        table.check(label, client, what, action)


def judge(table, ours, emulator, label):
    def mine(call):
        return ours.accepts(emulator, call)

    for verifier, official, changes in verifiers.of(emulator, node):
        table.check(
            label,
            verifier,
            "agrees with ours on webhooks",
            lambda official=official, changes=changes: verifiers.compare(
                emulator.shop.wait(1), changes, official, mine
            ),
        )
    table.check(
        label,
        "ours",
        "reads an event of each webhook",
        lambda: verifiers.events(emulator.shop.wait(1), lambda call: ours.read(emulator, call)),
    )


sys.exit(main())
