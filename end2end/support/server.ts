import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The release build of the shop. */
export const PROGRAM = resolve(import.meta.dirname, '../../target/release/marigold');

/** A new empty folder for what a run leaves: secrets, and of each shop its database and log. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'marigold-end2end-'));
}

/**
 * Starts the shop of this folder: its words to whoever started it, with the demo's
 * passwords, go to `said`, and all else to `log`, which must hold no secret.
 */
export const START = `exec '${PROGRAM}' serve >said 2>log`;

/** Ports that nobody listens on just now. */
export function freePorts(): { shop: number; operations: number } {
  const ask = `const net = require('net'); const servers = [0, 0].map(() => net.createServer().listen(0, '127.0.0.1'));
    Promise.all(servers.map(server => new Promise(done => server.on('listening', done)))).then(() => {
      console.log(JSON.stringify(servers.map(server => server.address().port)));
      servers.forEach(server => server.close());
    });`;
  const [shop, operations] = JSON.parse(execFileSync(process.execPath, ['-e', ask], { encoding: 'utf8' }));
  return { shop, operations };
}

/**
 * The settings of a shop under test. Its limits are those of every demo: each
 * test comes from an address of its own, through a proxy that the shop trusts.
 */
export function settings(folder: string, ports: { shop: number; operations: number }): Record<string, string> {
  return {
    MARIGOLD_ENV: 'demo',
    MARIGOLD_ADDR: `127.0.0.1:${ports.shop}`,
    MARIGOLD_PUBLIC_URL: `http://127.0.0.1:${ports.shop}`,
    MARIGOLD_OPS_ADDR: `127.0.0.1:${ports.operations}`,
    MARIGOLD_TRUSTED_PROXIES: '127.0.0.1/32',
    DATABASE_URL: `sqlite:${join(folder, 'marigold.db')}`,
    LEPTOS_SITE_ROOT: resolve(import.meta.dirname, '../../target/site'),
    RUST_LOG: 'trace',
    NO_COLOR: '1',
  };
}

/** How the folder of a test's own shop begins. */
const SHOP = 'shop-';

/** The folders of this run's shops: the one that all tests visit, and those of one test each. */
export function folders(): string[] {
  const run = process.env.END2END_FOLDER ?? '';
  const own = readdirSync(run).filter(name => name.startsWith(SHOP));
  return [run, ...own.map(name => join(run, name))];
}

/** The passwords of the demo's shopper and merchant in the shop of this folder. */
export function demoPasswords(folder: string): string[] {
  return readFileSync(join(folder, 'data/demo_passwords'), 'utf8').trim().split('\n');
}

/** A shop of one test's own, for tests that move its clock. */
export interface Shop {
  url: string;
  /** Who keeps it, in every demo. */
  merchant: { email: string; password: string; phone: string };
  advance(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens a shop on free ports, with a database of its own. Its log stays until the run ends. */
export async function openShop(): Promise<Shop> {
  const folder = mkdtempSync(join(process.env.END2END_FOLDER ?? '', SHOP));
  const ports = freePorts();
  const server = spawn('sh', ['-c', START], {
    cwd: folder,
    env: { ...process.env, ...settings(folder, ports) },
    stdio: 'ignore',
  });
  const ended = new Promise<void>(done => server.once('exit', () => done()));
  const url = `http://127.0.0.1:${ports.shop}`;
  const close = async () => {
    server.kill();
    await ended;
  };
  // Said when the accounts of the demo are there.
  const said = join(folder, 'said');
  await opened(() => server.exitCode !== null, () => existsSync(said) && readFileSync(said, 'utf8').includes(`is open at ${url}`));
  const [, password = ''] = demoPasswords(folder);
  const merchant = { email: 'merchant@example.com', password, phone: '+447700900222' };
  return { url, merchant, close, advance: seconds => advance(url, seconds) };
}

async function opened(hasEnded: () => boolean, isOpen: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (Date.now() < end && !hasEnded()) {
    if (isOpen()) return;
    await new Promise(done => setTimeout(done, 25));
  }
  throw new Error('the shop did not open');
}

async function advance(url: string, seconds: number): Promise<void> {
  const answer = await fetch(`${url}/simulator/api/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ advance_seconds: seconds }),
  });
  if (!answer.ok) throw new Error(`the clock did not move: ${answer.status}`);
}
