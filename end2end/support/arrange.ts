/** Prepares by HTTP requests what a test needs and does not examine. */

import type { APIRequestContext } from '@playwright/test';
import type { App } from './app';
import { newPhone } from './people';
import { postForm } from './requests';

/** A product of the demo's catalogue. */
export const MUG = { path: '/products/sunday-mug', name: 'Sunday mug' };

/** Opens an account for the person. The browser stays signed out. */
export async function createAccount(app: App): Promise<void> {
  await register(app.request, app);
}

/** Opens an account for the person, and signs the browser in. */
export async function createAccountAndSignIn(app: App): Promise<void> {
  const { request } = app.page;
  await register(request, app);
  // This page shows the greeting, which the next page would show otherwise.
  await request.get('/account');
}

async function register(request: APIRequestContext, { person, phoneOf }: App): Promise<void> {
  await postForm(request, '/api/register', { ...person });
  await postForm(request, '/api/register/verify', { code: await phoneOf(person.phone).code('phone') });
}

/** Puts a mug into the cart of the browser. */
export async function fillCart({ page: { request } }: App): Promise<void> {
  const product = await (await request.get(MUG.path)).text();
  const [, variant = ''] = /name="variant" value="([^"]+)"/.exec(product) ?? [];
  await postForm(request, '/api/cart/add', { variant, quantity: '1' });
}

/** Goes through the checkout of a signed-in person with a full cart, up to the code to confirm the payment. */
export async function placeOrder({ page, person }: App, payment = 'demo_approve'): Promise<void> {
  const { request } = page;
  await postForm(request, '/api/checkout/address', {
    name: person.name,
    street: '12 Fore Street',
    postcode: 'EC2Y 5EJ',
    city: 'London',
    country: 'GB',
  });
  await postForm(request, '/api/checkout/shipping', { shipping: 'standard' });
  await postForm(request, '/api/checkout/payment', { payment });
  await postForm(request, '/api/checkout/place');
  await page.goto('/checkout/confirm');
}

/** Starts to change the phone of the signed-in person, up to the code to the new number, and returns that number. */
export async function beginPhoneChange({ page, person, phoneOf }: App): Promise<string> {
  const { request } = page;
  const next = newPhone();
  await postForm(request, '/api/account/phone/password', { password: person.password });
  const code = await phoneOf(person.phone).code('step_up');
  await postForm(request, '/api/account/phone/step-up', { code });
  await postForm(request, '/api/account/phone/number', { phone: next });
  await page.goto('/account/phone');
  return next;
}
