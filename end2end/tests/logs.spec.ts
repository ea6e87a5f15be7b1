import { expect, test } from '@playwright/test';
import { log, secrets, type Secret } from '../support/secrets';

/** Numbers that mean something else: the time of a line, fractions, parts of longer words. */
const TIMES = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

function forms({ kind, value }: Secret): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  switch (kind) {
    case 'code':
      return new RegExp(`(?<![\\w.-])${value}(?![\\w.])|${value.slice(0, 3)}[ -]${value.slice(3)}`);
    case 'phone':
      return new RegExp(`${value.slice(1)}|0${value.slice(3)}`);
    case 'password':
      return new RegExp(`${literal(value)}|${literal(encodeURIComponent(value))}|${literal(value).replaceAll(' ', '\\+')}`);
    case 'cookie':
      return new RegExp(`${literal(value)}|${literal(decodeURIComponent(value))}`);
  }
}

test('x114 nothing secret is in the log of the whole suite at TRACE', () => {
  const lines = log().replaceAll(TIMES, '').split('\n');
  const known = secrets().filter(secret => secret.value.length >= 6);
  expect(lines.length, 'lines in the log').toBeGreaterThan(1_000);
  for (const kind of ['code', 'password', 'phone', 'cookie']) {
    expect(known.map(secret => secret.kind), 'kinds of secrets').toContain(kind);
  }
  const text = lines.join('\n');
  const found = known.filter(secret => forms(secret).test(text));
  const where = found.map(secret => `${secret.kind}: ${lines.find(line => forms(secret).test(line))}`);
  expect(where.slice(0, 10), `${found.length} secrets found`).toEqual([]);
});
