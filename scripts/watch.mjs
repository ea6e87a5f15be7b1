// Rebuilds and restarts the shop whenever a source changes, and then tells the open pages
// to load anew, in the protocol of Leptos' own reload script: a WebSocket message
// `{"all": true}` from ws://…:LEPTOS_RELOAD_PORT/live_reload.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, watch } from 'node:fs';
import { createServer } from 'node:http';

const WATCHED = ['crates', 'migrations', 'public', 'src', 'style'];
/** What is compiled for the browser too, or sent to it as it is. */
const IN_THE_BROWSER = /^(crates\/(browser|bundle|domain|web)|public)\//;
const ONLY_IN_THE_BROWSER = /^(crates\/browser|public)\//;
/** The server reads these again for every page, so nothing is built for them. */
const READ_AT_RUN_TIME = /^crates\/text\/locales\//;
/** Milliseconds without another change, after which an editor has written all its files. */
const QUIET = 50;

const settings = existsSync('.env') ? readFileSync('.env', 'utf8') : '';
const address = process.env.MARIGOLD_ADDR ?? settings.match(/^MARIGOLD_ADDR=(.*)$/m)?.[1] ?? '127.0.0.1:3000';
const reloadPort = Number(process.env.LEPTOS_RELOAD_PORT ?? Number(address.split(':').pop()) + 1);

/** Runs a command and answers whether it succeeded. */
function run(command, ...options) {
  return new Promise(done => {
    spawn(command, options, { stdio: 'inherit' }).once('close', status => done(status === 0));
  });
}

const buildServer = () => run('cargo', 'build', '--locked', '--bin', 'marigold');

async function buildSite() {
  const target = 'wasm32-unknown-unknown';
  return (
    (await run('cargo', 'build', '--locked', '--package', 'browser', '--target', target)) &&
    (await run('target/debug/bundle', 'debug', `target/${target}/debug/browser.wasm`))
  );
}

let server;

/** Starts the server in the place of the one that runs; done when it answers. */
async function restart() {
  if (server && server.exitCode === null) {
    const ended = new Promise(done => server.once('close', done));
    server.kill();
    await ended;
  }
  server = spawn('target/debug/marigold', {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LEPTOS_WATCH: '1', LEPTOS_RELOAD_PORT: `${reloadPort}` },
  });
  server.stdout.pipe(process.stdout, { end: false });
  await new Promise(done => {
    server.stdout.on('data', text => `${text}`.includes('is open at') && done());
    server.once('close', done);
  });
}

/** The pages that are open: the sockets of their WebSockets. */
const pages = new Set();

/** One unfragmented text frame (RFC 6455, section 5.2) of fewer than 126 bytes. */
function reloadPages() {
  const message = Buffer.from('{"all":true}');
  for (const page of pages) page.write(Buffer.concat([Buffer.from([0x81, message.length]), message]));
}

function listenForPages() {
  const http = createServer((_, response) => response.writeHead(426).end());
  http.on('upgrade', (request, socket) => {
    // RFC 6455, section 4.2.2: the key with this fixed text behind it.
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    pages.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => pages.delete(socket));
    socket.resume();
  });
  http.listen(reloadPort, address.split(':')[0]);
}

let changed = new Set();
let isBuilding = false;

/** Builds what the changes since the last time concern, until there are none. */
async function rebuild() {
  if (isBuilding) return;
  isBuilding = true;
  while (changed.size) {
    const files = [...changed];
    changed = new Set();
    const forBrowser = files.some(file => IN_THE_BROWSER.test(file));
    const forServer = files.some(file => !ONLY_IN_THE_BROWSER.test(file) && !READ_AT_RUN_TIME.test(file));
    const built = await Promise.all([forBrowser ? buildSite() : true, forServer ? buildServer() : true]);
    if (!built.every(Boolean) || changed.size) continue;
    if (forServer) await restart();
    reloadPages();
  }
  isBuilding = false;
}

let timer;

function watchSources() {
  for (const folder of WATCHED) {
    watch(folder, { recursive: true }, (_, name) => {
      changed.add(`${folder}/${name}`);
      clearTimeout(timer);
      timer = setTimeout(rebuild, QUIET);
    });
  }
}

// The server goes when this does, also when a terminal closes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    server?.kill();
    process.exit(0);
  });
}

console.log('\n==> Building the development version (several minutes the first time)');
if ((await buildSite()) && (await buildServer())) await restart();
listenForPages();
watchSources();
console.log(`==> Watching ${WATCHED.join(', ')}: a change is built and shown by itself`);
