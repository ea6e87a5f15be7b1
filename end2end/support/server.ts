import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { runFolder } from './run-folder';

const ROOT = resolve(import.meta.dirname, '../..');

/** The program under test: by default the development build, which the Rust tests have built already. */
const PROGRAM = resolve(ROOT, process.env.MARIGOLD_PROGRAM ?? 'target/debug/marigold');

/** The files for the browser. */
const SITE = resolve(ROOT, process.env.LEPTOS_SITE_ROOT ?? 'target/site');

/** How long a server may take to start, in milliseconds. */
const START_TIMEOUT = 20_000;

/** The line of the server's banner that says where it listens. */
const OPEN = /^ {2}Marigold is open at (?<url>http:\/\/\S+)$/;

/** The beginning of the name of a server's folder. */
const SHOP_PREFIX = 'shop-';

/**
 * The settings of a server under test. The system chooses its ports. Its limits are those
 * of every demo, because each test has a client address of its own, through a trusted proxy.
 */
function settings(folder: string): Record<string, string> {
  return {
    MARIGOLD_ENV: 'demo',
    MARIGOLD_ADDR: '127.0.0.1:0',
    MARIGOLD_OPS_ADDR: '127.0.0.1:0',
    MARIGOLD_TRUSTED_PROXIES: '127.0.0.1/32',
    DATABASE_URL: `sqlite:${join(folder, 'marigold.db')}`,
    LEPTOS_SITE_ROOT: SITE,
    // Everything, with the libraries that are quiet by default.
    RUST_LOG: 'trace,tower_sessions=trace,tower_sessions_core=trace',
    NO_COLOR: '1',
  };
}

/** The folders of this run's servers, one for each worker of each project. */
export function shopFolders(): string[] {
  const run = runFolder();
  return readdirSync(run).filter(name => name.startsWith(SHOP_PREFIX)).map(name => join(run, name));
}

/** The log of the server of a folder. */
export const logOf = (folder: string): string => join(folder, 'log');

/** The passwords of the demo's shopper and merchant in the shop of this folder. */
export function demoPasswords(folder: string): string[] {
  return readFileSync(join(folder, 'data/demo_passwords'), 'utf8').trim().split('\n');
}

/** A running server with a database of its own. */
export interface Shop {
  url: string;
  /** The merchant's account, which every demo has. */
  merchant: { email: string; password: string; phone: string };
  /** Moves the server's clock forward. */
  advance(seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server. Its log stays until the run ends. */
export async function openShop(): Promise<Shop> {
  const folder = mkdtempSync(join(runFolder(), SHOP_PREFIX));
  const log = openSync(logOf(folder), 'w');
  const server = spawn(PROGRAM, ['serve'], {
    cwd: folder,
    // The environment of this process is left out: a developer's settings must not change a result.
    env: settings(folder),
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  await once(server, 'spawn');
  const url = await addressOf(server);
  if (!url) throw new Error(`${PROGRAM} did not open within ${START_TIMEOUT} ms; its log ends: ${endOf(logOf(folder))}`);
  const [, password = ''] = demoPasswords(folder);
  return {
    url,
    merchant: { email: 'merchant@example.com', password, phone: '+447700900222' },
    advance: seconds => advance(url, seconds),
    close: async () => {
      const hasEnded = server.exitCode !== null || server.signalCode !== null;
      if (!hasEnded && server.kill()) await once(server, 'exit');
    },
  };
}

/** Reads the banner, which the server prints when it is ready, up to the address. Stops a server that prints none. */
async function addressOf(server: ChildProcess): Promise<string | undefined> {
  const { stdout } = server;
  if (!stdout) throw new Error('the standard output is not piped');
  const limit = setTimeout(() => server.kill(), START_TIMEOUT);
  try {
    for await (const line of createInterface({ input: stdout })) {
      const url = OPEN.exec(line)?.groups?.url;
      if (url) return url;
    }
  } finally {
    clearTimeout(limit);
    // The rest of the banner is not needed, but must not fill the pipe.
    stdout.resume();
  }
  return undefined;
}

/** The last lines of a file. */
const endOf = (file: string) => readFileSync(file, 'utf8').slice(-2000);

async function advance(url: string, seconds: number): Promise<void> {
  const answer = await fetch(`${url}/simulator/api/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ advance_seconds: seconds }),
  });
  if (!answer.ok) throw new Error(`the clock did not move: ${answer.status}`);
}
