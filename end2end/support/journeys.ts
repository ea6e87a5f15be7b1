import { expect, type Page } from '@playwright/test';
import { beginPhoneChange, createAccount, createAccountAndSignIn, fillCart, placeOrder } from './arrange';
import type { Phone } from './phone';
import { postForm } from './requests';
import type { World } from './world';

/** A journey that stands before its code screen. */
export interface Stop {
  /** The phone the code goes to. */
  phone: Phone;
  /** The purpose of the code. */
  purpose: string;
  /** Waits until the right code has led where it should. */
  arrives(): Promise<void>;
  /** Makes sure that no code has led there. */
  isBarred(): Promise<void>;
}

/** One of the five ways through a code. */
export interface Journey {
  name: string;
  /** How long its code lives. */
  seconds: number;
  /** Opens the code screen. The forms before it are sent by requests: smoke.journeys.spec.ts fills them in. */
  begin(world: World): Promise<Stop>;
  /** What the same right code does once more, in another tab. */
  replays?(page: Page): Promise<void>;
}

const guardedByAccount = (page: Page) => async () => {
  await page.goto('/account');
  await expect(page).toHaveURL(/\/login/);
};

const registering: Journey = {
  name: 'registering',
  seconds: 600,
  async begin({ page, person, phoneOf, signIn }) {
    await postForm(page.request, '/api/register', { ...person });
    await page.goto('/register/verify');
    return {
      phone: phoneOf(person.phone),
      purpose: 'phone',
      arrives: () => signIn.isDone(),
      isBarred: guardedByAccount(page),
    };
  },
};

const signingIn: Journey = {
  name: 'signing in',
  seconds: 600,
  async begin(world) {
    const { page, person, phoneOf, signIn } = world;
    await createAccount(world);
    await postForm(page.request, '/api/login', { email: person.email, password: person.password });
    await page.goto('/login/verify');
    return {
      phone: phoneOf(person.phone),
      purpose: 'login',
      arrives: () => signIn.isDone(),
      isBarred: guardedByAccount(page),
    };
  },
};

const resetting: Journey = {
  name: 'resetting a password',
  seconds: 600,
  async begin(world) {
    const { page, person, phoneOf } = world;
    await createAccount(world);
    await postForm(page.request, '/api/reset', { email: person.email });
    await page.goto('/reset/verify');
    return {
      phone: phoneOf(person.phone),
      purpose: 'reset',
      arrives: () => expect(page).toHaveURL(/\/reset\/password$/),
      isBarred: async () => {
        await page.goto('/reset/password');
        await expect(page.getByLabel(/new password/i)).toHaveCount(0);
      },
    };
  },
};

const changingPhone: Journey = {
  name: 'changing the phone',
  seconds: 600,
  async begin(world) {
    const { person, phoneOf, account } = world;
    await createAccountAndSignIn(world);
    const next = await beginPhoneChange(world);
    return {
      phone: phoneOf(next),
      purpose: 'phone',
      arrives: async () => {
        await account.isPhoneChanged();
        await account.hasPhone(next);
      },
      isBarred: () => account.hasPhone(person.phone),
    };
  },
};

const buying: Journey = {
  name: 'buying',
  seconds: 300,
  async begin(world) {
    const { page, person, phoneOf, checkout } = world;
    await createAccountAndSignIn(world);
    await fillCart(world);
    await placeOrder(world);
    return {
      phone: phoneOf(person.phone),
      purpose: 'payment',
      arrives: () => checkout.isPaid(),
      isBarred: async () => {
        await page.goto('/account/orders');
        await expect(page.getByRole('main')).not.toContainText(/paid/i);
      },
    };
  },
  // The order is paid already: the second tab is shown the same receipt.
  replays: page => expect(page).toHaveURL(/\/orders\//),
};

/** The five journeys. */
export const JOURNEYS = [registering, signingIn, resetting, changingPhone, buying];
