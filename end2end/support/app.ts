import type { APIRequestContext, Page } from '@playwright/test';
import type { Account } from '../pages/account';
import type { Checkout } from '../pages/checkout';
import type { CodeScreen } from '../pages/code-screen';
import type { Register } from '../pages/register';
import type { Reset } from '../pages/reset';
import type { SignIn } from '../pages/sign-in';
import type { Store } from '../pages/store';
import type { Person } from './people';
import type { Phone } from './phone';

/** What most tests need: a browser page, a person without an account, and every page object. */
export interface App {
  page: Page;
  /** A client with cookies of its own; `page.request` shares those of the page. */
  request: APIRequestContext;
  person: Person;
  phoneOf: (number: string) => Phone;
  codeScreen: CodeScreen;
  /** The code screen in another tab. */
  codeScreenOn: (page: Page) => CodeScreen;
  register: Register;
  signIn: SignIn;
  reset: Reset;
  account: Account;
  store: Store;
  checkout: Checkout;
}
