import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import type { Options } from './support/test';
import { freePorts, newFolder, settings, START } from './support/server';

// Workers read this file too: what the first reader chose holds for all.
const folder = (process.env.END2END_FOLDER ??= newFolder());
const ports = JSON.parse((process.env.END2END_PORTS ??= JSON.stringify(freePorts())));
const url = `http://127.0.0.1:${ports.shop}`;

const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(path => existsSync(path));
const quiet = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export default defineConfig<Options>({
  testDir: 'tests',
  outputDir: 'test-results',
  globalTeardown: './support/tidy.ts',
  fullyParallel: true,
  workers: 2,
  // A shop that is broken altogether need not be watched failing for half an hour.
  maxFailures: 20,
  forbidOnly: !!process.env.CI,
  retries: 0,
  // Generous, because a busy machine is no fault of the shop.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: url,
    locale: 'en-GB',
    browserName: 'chromium',
    launchOptions: { executablePath: chromium, args: quiet },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'full', testIgnore: /(narrow|logs|pictures)\.spec/ },
    { name: 'no-javascript', testMatch: /journeys/, use: { javaScriptEnabled: false, mode: 'no-javascript' } },
    { name: 'no-wasm', testMatch: /journeys/, use: { mode: 'no-wasm' } },
    { name: 'phone', testMatch: /(narrow|journeys)/, grep: /@small/, use: { viewport: { width: 360, height: 740 } } },
    ...(process.env.PICTURES ? [{ name: 'pictures', testMatch: /pictures\.spec/ }] : []),
    {
      name: 'logs',
      testMatch: /logs\.spec/,
      dependencies: ['full', 'no-javascript', 'no-wasm', 'phone'],
    },
  ],
  webServer: {
    command: START,
    cwd: folder,
    env: settings(folder, ports),
    url,
    timeout: 30_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
  },
});
