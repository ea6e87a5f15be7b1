import { expect, type Page } from '@playwright/test';
import type { App } from './app';
import { beginPhoneChange, createAccount, createAccountAndSignIn, fillCart, placeOrder } from './arrange';
import type { Phone } from './phone';
import { postForm } from './requests';

/** A journey that has reached its code page. */
export interface PendingCode {
  /** The phone to which the code goes. */
  phone: Phone;
  /** The purpose of the code. */
  purpose: string;
  /** Waits until the right code has given what it is for. */
  isGranted(): Promise<void>;
  /** Makes sure that nothing was given. */
  isNotGranted(): Promise<void>;
}

/** One of the five flows that a code protects. */
export interface Journey {
  name: string;
  /** The lifetime of its code. */
  seconds: number;
  /** Opens the code page. The forms before it are sent by requests; smoke.journeys.spec.ts fills them in. */
  begin(app: App): Promise<PendingCode>;
  /** What the same code does when it is given again in another tab, if that is no refusal. */
  replays?(page: Page): Promise<void>;
}

const isSignedOut = (page: Page) => async () => {
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
      isGranted: () => signIn.isDone(),
      isNotGranted: isSignedOut(page),
    };
  },
};

const signingIn: Journey = {
  name: 'signing in',
  seconds: 600,
  async begin(app) {
    const { page, person, phoneOf, signIn } = app;
    await createAccount(app);
    await postForm(page.request, '/api/login', { email: person.email, password: person.password });
    await page.goto('/login/verify');
    return {
      phone: phoneOf(person.phone),
      purpose: 'login',
      isGranted: () => signIn.isDone(),
      isNotGranted: isSignedOut(page),
    };
  },
};

const resetting: Journey = {
  name: 'resetting a password',
  seconds: 600,
  async begin(app) {
    const { page, person, phoneOf } = app;
    await createAccount(app);
    await postForm(page.request, '/api/reset', { email: person.email });
    await page.goto('/reset/verify');
    return {
      phone: phoneOf(person.phone),
      purpose: 'reset',
      isGranted: () => expect(page).toHaveURL(/\/reset\/password$/),
      isNotGranted: async () => {
        await page.goto('/reset/password');
        await expect(page.getByLabel(/new password/i)).toHaveCount(0);
      },
    };
  },
};

const changingPhone: Journey = {
  name: 'changing the phone',
  seconds: 600,
  async begin(app) {
    const { person, phoneOf, account } = app;
    await createAccountAndSignIn(app);
    const next = await beginPhoneChange(app);
    return {
      phone: phoneOf(next),
      purpose: 'phone',
      isGranted: async () => {
        await account.isPhoneChanged();
        await account.hasPhone(next);
      },
      isNotGranted: () => account.hasPhone(person.phone),
    };
  },
};

const buying: Journey = {
  name: 'buying',
  seconds: 300,
  async begin(app) {
    const { page, person, phoneOf, checkout } = app;
    await createAccountAndSignIn(app);
    await fillCart(app);
    await placeOrder(app);
    return {
      phone: phoneOf(person.phone),
      purpose: 'payment',
      isGranted: () => checkout.isPaid(),
      isNotGranted: async () => {
        await page.goto('/account/orders');
        await expect(page.getByRole('main')).not.toContainText(/paid/i);
      },
    };
  },
  // The order is paid already, so the second tab shows the same receipt.
  replays: page => expect(page).toHaveURL(/\/orders\//),
};

/** The five journeys. */
export const JOURNEYS = [registering, signingIn, resetting, changingPhone, buying];
