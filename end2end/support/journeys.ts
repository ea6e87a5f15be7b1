import { expect, type Page } from '@playwright/test';
import type { Account } from '../pages/account';
import type { Checkout } from '../pages/checkout';
import type { CodeScreen } from '../pages/code-screen';
import type { Register } from '../pages/register';
import type { Reset } from '../pages/reset';
import type { SignIn } from '../pages/sign-in';
import type { Store } from '../pages/store';
import { newPhone, type Person } from './people';
import type { Phone } from './phone';

/** What a journey needs of a test. */
export interface World {
  page: Page;
  person: Person;
  phoneOf: (number: string) => Phone;
  codeScreen: CodeScreen;
  register: Register;
  signIn: SignIn;
  reset: Reset;
  account: Account;
  store: Store;
  checkout: Checkout;
}

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
  /** Walks to the code screen. */
  begin(world: World): Promise<Stop>;
  /** What the same right code does once more, in another tab. */
  replays?(page: Page): Promise<void>;
}

/** Opens an account, up to being signed in. */
export async function join({ person, phoneOf, register, codeScreen, signIn }: World): Promise<void> {
  await register.begin(person);
  await codeScreen.answer(await phoneOf(person.phone).code('phone'));
  await signIn.isDone();
}

const guardedByAccount = (page: Page) => async () => {
  await page.goto('/account');
  await expect(page).toHaveURL(/\/login/);
};

const registering: Journey = {
  name: 'registering',
  seconds: 600,
  async begin({ page, person, phoneOf, register, signIn }) {
    await register.begin(person);
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
    const { page, person, phoneOf, account, signIn } = world;
    await join(world);
    await account.signOut();
    await signIn.begin(person.email, person.password);
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
    const { page, person, phoneOf, account, reset } = world;
    await join(world);
    await account.signOut();
    await reset.begin(person.email);
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
    const { person, phoneOf, codeScreen, account } = world;
    await join(world);
    await account.beginStepUp(person.password);
    await codeScreen.answer(await phoneOf(person.phone).code('step_up'));
    const next = newPhone();
    await account.beginPhoneChange(next);
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
    const { page, person, phoneOf, store, checkout } = world;
    await join(world);
    await store.openProduct('mug');
    await store.addToCart();
    await checkout.begin();
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
