import { expect, type Page } from '@playwright/test';
import type { App } from './app';
import { signInMerchant } from './merchant';
import { newPhone } from './people';
import { wrong } from './phone';
import type { Shop } from './server';

/** A group of pages that belong together. */
interface PageGroup {
  name: string;
  /** Visits the pages in a signed-in browser, and yields the name of each. */
  visit(app: App): AsyncGenerator<string>;
}

/** Every page that a shopper can open. */
export const PAGE_GROUPS: PageGroup[] = [
  { name: 'the shop', visit: shop },
  { name: 'the sign-in', visit: signedOut },
  { name: 'the checkout', visit: buying },
  { name: 'the account', visit: account },
];

/** Pages for people who are not signed in; the others are sent to their account. */
const SIGN_IN_PAGES = [
  '/login', '/login/verify', '/login/recovery', '/register', '/register/verify', '/reset', '/reset/verify', '/reset/password',
];

/** Pages that need nothing but a signed-in browser. */
const PLAIN_PAGES = [
  '/', '/products', '/products?q=mug', '/products?q=no-such-thing', '/cart',
  '/terms', '/privacy', '/imprint', '/returns', '/contact', '/withdrawal', '/withdrawal/receipt',
  '/orders/lookup', '/orders/lookup/verify', '/account/data',
  '/account', '/account/orders', '/account/security', '/account/phone', '/account/recovery-codes', '/account/email',
  '/login/recovery/phone', '/no-such-page', '/simulator', '/simulator?wrong=yes',
];

/** Pages that need nothing but a signed-in merchant. */
const MERCHANT_PAGES = [
  '/merchant', '/merchant/orders', '/merchant/withdrawals', '/merchant/products', '/merchant/messages', '/merchant/messaging',
  '/merchant/accounts', '/merchant/accounts?email=shopper@example.com',
];

/**
 * Every admin page, with an order in the list. The shop must be the test's own: a demo has
 * one merchant with one phone, which parallel tests would share.
 */
export async function* merchantPages(app: App, merchant: Shop['merchant']): AsyncGenerator<string> {
  const { page, store, checkout, codeScreen, phoneOf } = app;
  await signInMerchant(app, merchant);
  await store.openProduct('mug');
  await store.addToCart();
  await checkout.begin();
  await codeScreen.answer(await phoneOf(merchant.phone).code('payment'));
  await checkout.isPaid();
  for (const path of MERCHANT_PAGES) {
    await page.goto(path);
    await expect(page.getByRole('navigation', { name: 'Merchant' })).toBeVisible();
    yield path;
  }
  await page.goto('/merchant/orders');
  await page.getByRole('rowheader').getByRole('link').first().click();
  await expect(page.getByRole('button', { name: 'Mark shipped' })).toBeVisible();
  yield 'an order that is paid';
  await page.getByRole('button', { name: 'Mark shipped' }).click();
  await expect(page.getByText('Shipped', { exact: true })).toBeVisible();
  yield 'an order that is shipped';
}

async function* signedOut({ page }: App): AsyncGenerator<string> {
  await page.context().clearCookies();
  for (const path of SIGN_IN_PAGES) {
    await page.goto(path);
    yield path;
  }
}

async function* shop({ page, person }: App): AsyncGenerator<string> {
  for (const path of PLAIN_PAGES) {
    await page.goto(path);
    yield path;
  }
  await page.goto(`/simulator/${encodeURIComponent(person.phone)}`);
  yield 'the simulated phone';
  await page.getByRole('link', { name: 'Lock the phone' }).click();
  await expect(page.getByText('Locked', { exact: true })).toBeVisible();
  yield 'the locked phone';
}

async function* buying({ page, person, store, checkout, codeScreen, phoneOf }: App): AsyncGenerator<string> {
  await store.openProduct('mug');
  yield 'a product';
  await store.addToCart();
  await page.goto('/cart');
  yield 'a cart';
  for await (const step of checkout.steps()) {
    yield step;
    if (step === 'the delivery address') {
      await page.getByRole('button', { name: 'Continue to shipping' }).click();
      yield* alertOn(page, 'an empty address');
    }
  }
  await checkout.place();
  yield 'the payment code';
  await codeScreen.answer(await phoneOf(person.phone).code('payment'));
  await checkout.isPaid();
  yield 'the receipt';
}

async function* account(app: App): AsyncGenerator<string> {
  yield* changingPhone(app);
  await app.account.signOut();
  yield* registering(app);
  yield* signingIn(app);
  yield* resetting(app);
}

/** Visits the pages of a phone change. Afterwards the person has another phone. */
async function* changingPhone({ page, person, account, codeScreen, phoneOf }: App): AsyncGenerator<string> {
  await account.beginStepUp(person.password);
  yield 'the code to the current phone';
  await codeScreen.answer(await phoneOf(person.phone).code('step_up'));
  await expect(page.getByRole('textbox', { name: /new mobile phone/i })).toBeVisible();
  yield 'the new phone';
  await account.typeNewPhone('12');
  yield* alertOn(page, 'a refused phone number');
  person.phone = newPhone();
  await account.beginPhoneChange(person.phone);
  yield 'the code to the new phone';
  await codeScreen.answer(await phoneOf(person.phone).code('phone'));
  await account.isPhoneChanged();
  yield 'the changed phone';
}

async function* registering({ page, person, register }: App): AsyncGenerator<string> {
  await page.goto('/register');
  await register.fill({ ...person, email: 'robin', phone: '12', password: 'short' });
  await register.send();
  yield* alertOn(page, 'a refused registration');
  await register.begin({ ...person, email: `another.${person.email}` });
  yield 'the registration code';
}

async function* signingIn({ page, person, signIn, codeScreen, phoneOf }: App): AsyncGenerator<string> {
  await page.goto('/login');
  yield 'signing in';
  await signIn.begin(person.email, person.password);
  yield 'the sign-in code';
  await codeScreen.isRefused(wrong(await phoneOf(person.phone).code('login')));
  yield 'a wrong code';
}

async function* resetting({ page, person, reset, codeScreen, phoneOf }: App): AsyncGenerator<string> {
  await reset.begin(person.email);
  yield 'the reset code';
  await codeScreen.answer(await phoneOf(person.phone).code('reset'));
  await expect(page).toHaveURL(/\/reset\/password$/);
  yield 'the new password';
  await reset.send('short');
  yield* alertOn(page, 'a refused password');
  await reset.set(person.password);
  yield 'signing in with the new password';
}

async function* alertOn(page: Page, name: string): AsyncGenerator<string> {
  await expect(page.getByRole('alert')).toBeVisible();
  yield name;
}
