import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import type { Options } from './support/test';

const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(path => existsSync(path));
const quiet = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** One right code in each guarded flow, typed all the way through its pages. */
const SMOKE = /@smoke/;

export default defineConfig<Options>({
  testDir: 'tests',
  outputDir: 'test-results',
  globalSetup: './support/run-folder.ts',
  fullyParallel: true,
  workers: 2,
  // A shop that is broken altogether need not be watched failing for half an hour.
  maxFailures: 20,
  forbidOnly: !!process.env.CI,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./support/tally.ts']],
  use: {
    locale: 'en-GB',
    browserName: 'chromium',
    launchOptions: { executablePath: chromium, args: quiet },
    // Pages move from one to the next by a view transition, which a test would only wait for.
    reducedMotion: 'reduce',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'full', testIgnore: /(logs|pictures)\.spec/ },
    { name: 'no-javascript', testMatch: /journeys/, use: { javaScriptEnabled: false, mode: 'no-javascript' } },
    // These differ from the others in islands and in layout: what the server checks, the others have proven.
    { name: 'no-wasm', testMatch: /journeys/, grep: SMOKE, use: { mode: 'no-wasm' } },
    {
      name: 'phone',
      testMatch: /journeys/,
      grep: SMOKE,
      use: { viewport: { width: 360, height: 740 }, reducedMotion: 'no-preference' },
    },
    ...(process.env.PICTURES ? [{ name: 'pictures', testMatch: /pictures\.spec/ }] : []),
    {
      name: 'logs',
      testMatch: /logs\.spec/,
      dependencies: ['full', 'no-javascript', 'no-wasm', 'phone'],
    },
  ],
});
