import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder } from './run-folder';

/** The kinds of values that must never be in a log. */
export type Kind = 'code' | 'password' | 'phone' | 'cookie';

/** A value that the tests typed or received. */
export interface Secret {
  kind: Kind;
  value: string;
}

/** Records a secret, for the search through the logs at the end of the run. */
export function remember(kind: Kind, value: string): void {
  appendFileSync(join(runFolder(), 'secrets'), `${JSON.stringify({ kind, value })}\n`);
}

/** Every secret recorded in this run, without duplicates. */
export function secrets(): Secret[] {
  const path = join(runFolder(), 'secrets');
  if (!existsSync(path)) return [];
  const lines = new Set(readFileSync(path, 'utf8').trim().split('\n'));
  return [...lines].map(line => JSON.parse(line));
}

/** The lines of a log that contain a secret in any of its forms. */
export function places(log: string, secret: Secret): string[] {
  const lines = formsOf(secret).flatMap(form => linesWith(log, form, secret.kind === 'code'));
  return [...new Set(lines)].map(line => `${secret.kind}: ${line}`);
}

function formsOf({ kind, value }: Secret): string[] {
  switch (kind) {
    case 'code':
      return [value, `${value.slice(0, 3)} ${value.slice(3)}`, `${value.slice(0, 3)}-${value.slice(3)}`];
    case 'phone':
      return [value.slice(1), `0${value.slice(3)}`, `${value.slice(3, 7)} ${value.slice(7)}`];
    case 'password':
      return [value, encodeURIComponent(value), value.replaceAll(' ', '+')];
    case 'cookie':
      return [value, decodeURIComponent(value), ...numbersOf(value)];
  }
}

/** A session's cookie is a number of 128 bits in base64, which libraries may print in hexadecimal or decimal. */
function numbersOf(cookie: string): string[] {
  if (!/^[\w-]{22}$/.test(cookie)) return [];
  const bytes = Buffer.from(cookie, 'base64url');
  const number = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  const decimal = BigInt.asIntN(128, number).toString();
  return [bytes.toString('hex'), ...(decimal.length > 20 ? [decimal] : [])];
}

/** The lines that contain a form. A code must stand alone, because longer numbers may contain it by chance. */
function linesWith(log: string, form: string, standsAlone: boolean): string[] {
  const lines: string[] = [];
  for (let at = log.indexOf(form); at >= 0; at = log.indexOf(form, at + 1)) {
    const isPart = /[\w.-]$/.test(log.slice(at - 1, at)) || /^(\w|\.\d)/.test(log.slice(at + form.length, at + form.length + 2));
    if (standsAlone && isPart) continue;
    const end = log.indexOf('\n', at);
    lines.push(log.slice(log.lastIndexOf('\n', at) + 1, end < 0 ? undefined : end));
  }
  return lines;
}
