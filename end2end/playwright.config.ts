import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';
import type { Options } from './support/test';

const chromium = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(path => existsSync(path));
const quiet = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** One right code in each flow that a code protects, through all of its pages. */
const SMOKE = /@smoke/;

export default defineConfig<Options>({
  testDir: 'tests',
  outputDir: 'test-results',
  globalSetup: './support/run-folder.ts',
  fullyParallel: true,
  workers: 2,
  // If the program does not work at all, the run ends early and not after half an hour.
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
    // Without view transitions between pages, for which a test would only wait.
    reducedMotion: 'reduce',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'full', testIgnore: /(logs|pictures)\.spec/ },
    { name: 'no-javascript', testMatch: /journeys/, use: { javaScriptEnabled: false, mode: 'no-javascript' } },
    // These two differ from the others in islands and in layout only; the others test the server.
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
