import { test as base, type Response } from '@playwright/test';
import { Account } from '../pages/account';
import { Checkout } from '../pages/checkout';
import { CodeScreen } from '../pages/code-screen';
import { Register } from '../pages/register';
import { Reset } from '../pages/reset';
import { SignIn } from '../pages/sign-in';
import { Store } from '../pages/store';
import type { App } from './app';
import { newAddress, newPerson } from './people';
import { Phone } from './phone';
import { noteCookies } from './requests';
import { openShop, type Shop } from './server';

export { expect } from '@playwright/test';

/** How much of the page works. */
export type Mode = 'full' | 'no-javascript' | 'no-wasm';

/** What a project of the configuration chooses. */
export interface Options {
  mode: Mode;
}

interface Fixtures {
  app: App;
  /** Blocks WebAssembly if the project says so, and remembers the cookies. */
  conditions: void;
}

interface WorkerFixtures {
  /** A server that the tests of one worker use one after another, so that each may move its clock. */
  shop: Shop;
}

const noteCookiesOf = async (response: Response) => noteCookies(await response.headersArray().catch(() => []));

/** Every test has a client address of its own, so that limits by address do not connect tests. */
export const test = base.extend<Fixtures & Options, WorkerFixtures>({
  mode: ['full', { option: true }],
  shop: [
    async ({}, use) => {
      const shop = await openShop();
      await use(shop);
      await shop.close();
    },
    { scope: 'worker' },
  ],
  baseURL: async ({ shop }, use) => use(shop.url),
  extraHTTPHeaders: async ({}, use) => use({ 'x-forwarded-for': newAddress() }),
  conditions: [
    async ({ context, mode }, use) => {
      if (mode === 'no-wasm') await context.route('**/*.wasm', route => route.abort());
      const noted: Promise<void>[] = [];
      context.on('response', response => {
        if (['document', 'fetch'].includes(response.request().resourceType())) noted.push(noteCookiesOf(response));
      });
      await use();
      await Promise.all(noted);
    },
    { auto: true },
  ],
  app: async ({ page, request, mode }, use) => {
    const codeScreenOn: App['codeScreenOn'] = tab => new CodeScreen(tab, mode === 'full');
    await use({
      page,
      request,
      person: newPerson(),
      phoneOf: number => new Phone(request, number),
      codeScreen: codeScreenOn(page),
      codeScreenOn,
      register: new Register(page),
      signIn: new SignIn(page),
      reset: new Reset(page),
      account: new Account(page),
      store: new Store(page),
      checkout: new Checkout(page),
    });
  },
});
