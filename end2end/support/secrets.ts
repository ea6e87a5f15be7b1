import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What must never be seen in a log. */
export type Kind = 'code' | 'password' | 'phone' | 'cookie';

/** One thing the tests typed or received. */
export interface Secret {
  kind: Kind;
  value: string;
}

const folder = () => process.env.END2END_FOLDER ?? '';

/** Writes a secret down, for the search through the log at the end. */
export function remember(kind: Kind, value: string): void {
  appendFileSync(join(folder(), 'secrets'), `${JSON.stringify({ kind, value })}\n`);
}

/** Everything written down in this run, once each. */
export function secrets(): Secret[] {
  const path = join(folder(), 'secrets');
  if (!existsSync(path)) return [];
  const lines = new Set(readFileSync(path, 'utf8').trim().split('\n'));
  return [...lines].map(line => JSON.parse(line));
}

/** What the shop under test said at RUST_LOG=trace. */
export function log(): string {
  return readFileSync(join(folder(), 'log'), 'utf8');
}
