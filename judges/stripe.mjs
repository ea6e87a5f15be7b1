// Stripe's library for Node verifies webhooks, and signs one. The calls come on the standard input.
import { readFileSync } from 'node:fs';
import Stripe from 'stripe';

const calls = JSON.parse(readFileSync(0, 'utf8'));
const { webhooks } = new Stripe('sk_test_unused');

const verdicts = calls.map(({ header, body, secret }) => {
  try {
    webhooks.constructEvent(body, header ?? undefined, secret);
    return true;
  } catch {
    return false;
  }
});
const [{ body: payload, secret }] = calls;
const signed = webhooks.generateTestHeaderString({ payload, secret });
process.stdout.write(JSON.stringify({ verdicts, signed }));
