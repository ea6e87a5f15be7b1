import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { places, secrets, type Secret } from '../support/secrets';
import { demoPasswords, logOf, shopFolders } from '../support/server';

/** The time at the beginning of each line, whose digits could look like a code. */
const TIMES = /^\d{4}-\d\d-\d\dT[\d:.]+Z/gm;

/** The secrets of the demo in one folder. */
const demoSecrets = (folder: string): Secret[] => [
  ...demoPasswords(folder).map(value => ({ kind: 'password', value }) as const),
  { kind: 'phone', value: '+447700900111' },
  { kind: 'phone', value: '+447700900222' },
];

test('x114 no log of the whole suite contains a secret at TRACE', () => {
  test.slow();
  const known = secrets().filter(secret => secret.value.length >= 6);
  for (const kind of ['code', 'password', 'phone', 'cookie']) {
    expect(known.map(secret => secret.kind), 'kinds of secrets').toContain(kind);
  }
  const all = shopFolders();
  expect(all.length, 'shops').toBeGreaterThan(1);
  for (const folder of all) {
    const log = readFileSync(logOf(folder), 'utf8').replaceAll(TIMES, '');
    expect(log, 'the log').toContain('TRACE');
    const found = [...known, ...demoSecrets(folder)].flatMap(secret => places(log, secret));
    expect(found.slice(0, 10), `${found.length} secrets in ${folder}`).toEqual([]);
  }
});

test('secrets in a log are found in every form', () => {
  const said = (log: string, secret: Secret) => places(`a line\n${log}\nanother`, secret);
  const code: Secret = { kind: 'code', value: '493817' };
  for (const log of ['code=493817', '"493817"', 'Your code is 493817. It is', '493 817', '493-817']) {
    expect(said(log, code), log).toEqual([`code: ${log}`]);
  }
  for (const log of ['1493817', '0.493817', '493817.5', 'x493817', '493817ms']) {
    expect(said(log, code), log).toEqual([]);
  }
  const phone: Secret = { kind: 'phone', value: '+447700900300' };
  for (const log of ['+447700900300', '%2B447700900300', '07700900300', '+44 7700 900300']) {
    expect(said(log, phone), log).toHaveLength(1);
  }
  const password: Secret = { kind: 'password', value: 'violet kettle' };
  for (const log of ['violet kettle', 'violet+kettle', 'violet%20kettle']) {
    expect(said(log, password), log).toHaveLength(1);
  }
  // A session's cookie, and its number as a library would print it.
  const cookie: Secret = { kind: 'cookie', value: '____________________fw' };
  for (const log of ['id=____________________fw', 'Id(170141183460469231731687303715884105727)']) {
    expect(said(log, cookie), log).toHaveLength(1);
  }
});
