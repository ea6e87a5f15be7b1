import { test as base, type Response } from '@playwright/test';
import { Account } from '../pages/account';
import { Checkout } from '../pages/checkout';
import { CodeScreen } from '../pages/code-screen';
import { Register } from '../pages/register';
import { Reset } from '../pages/reset';
import { SignIn } from '../pages/sign-in';
import { Store } from '../pages/store';
import type { World } from './journeys';
import { newAddress, newPerson } from './people';
import { Phone } from './phone';
import { remember } from './secrets';
import { openShop, type Shop } from './server';

export { expect } from '@playwright/test';

/** How much of the page works. */
export type Mode = 'full' | 'no-javascript' | 'no-wasm';

/** What a project of the configuration chooses. */
export interface Options {
  mode: Mode;
}

/** Writes down the cookies of an answer: a session gets a new one at every step. */
async function noteCookies(response: Response): Promise<void> {
  const lines = await response.headerValues('set-cookie').catch(() => []);
  for (const line of lines) remember('cookie', line.slice(line.indexOf('=') + 1).split(';')[0] ?? '');
}

interface Fixtures {
  /** A browser at the shop's door, somebody new before it, and every page. */
  world: World;
  /** Keeps WebAssembly away where the project says so, and notes the cookies. */
  conditions: void;
}

/** Every test comes from an address of its own. */
export const test = base.extend<Fixtures & Options>({
  mode: ['full', { option: true }],
  extraHTTPHeaders: async ({}, use, info) => use({ 'x-forwarded-for': newAddress(info.workerIndex) }),
  conditions: [
    async ({ context, mode }, use) => {
      if (mode === 'no-wasm') await context.route('**/*.wasm', route => route.abort());
      const noted: Promise<void>[] = [];
      context.on('response', response => {
        if (['document', 'fetch'].includes(response.request().resourceType())) noted.push(noteCookies(response));
      });
      await use();
      await Promise.all(noted);
    },
    { auto: true },
  ],
  world: async ({ page, request }, use) =>
    use({
      page,
      person: newPerson(),
      phoneOf: number => new Phone(request, number),
      codeScreen: new CodeScreen(page),
      register: new Register(page),
      signIn: new SignIn(page),
      reset: new Reset(page),
      account: new Account(page),
      store: new Store(page),
      checkout: new Checkout(page),
    }),
});

/** The same, in a shop that only this test visits, so that it may move the clock. */
export const testInOwnShop = test.extend<{ shop: Shop }>({
  shop: async ({}, use) => {
    const shop = await openShop();
    await use(shop);
    await shop.close();
  },
  baseURL: async ({ shop }, use) => use(shop.url),
});
