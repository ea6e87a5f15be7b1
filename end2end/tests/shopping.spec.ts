import { join } from '../support/journeys';
import { wrong } from '../support/phone';
import { expect, test } from '../support/test';

test('a guest fills a cart, changes it, and finds it again after signing in', async ({ page, world }) => {
  const { store } = world;
  await store.openProduct('mug');
  await store.addToCart();
  await page.goto('/cart');
  await store.cart.getByRole('button', { name: 'Increase quantity' }).click();
  await expect(page.getByRole('link', { name: 'Cart (items: 2)' })).toBeVisible();
  await store.cart.getByRole('button', { name: 'Decrease quantity' }).click();
  await expect(page.getByRole('link', { name: 'Cart (items: 1)' })).toBeVisible();
  await join(world);
  await expect(page.getByRole('link', { name: 'Cart (items: 1)' })).toBeVisible();
  await page.goto('/cart');
  await store.cart.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Your cart is empty.')).toBeVisible();
});

test('the confirmation shows what the code confirms', async ({ page, world }) => {
  const { store, checkout } = world;
  await join(world);
  await store.openProduct('mug');
  const name = await page.getByRole('heading', { level: 1 }).innerText();
  await store.addToCart();
  await checkout.begin();
  for (const fact of ['Marigold', name, '€', 'EUR', '12 Fore Street', 'London']) {
    await expect(checkout.summary).toContainText(fact);
  }
  await expect(page.getByRole('textbox', { name: '6-digit code' })).toBeVisible();
});

test('x75 a cart changed in another tab makes the code worthless, and nothing is charged', async ({ page, context, world }) => {
  const { person, phoneOf, store, checkout, codeScreen } = world;
  await join(world);
  await store.openProduct('mug');
  const product = page.url();
  await store.addToCart();
  await checkout.begin();
  const code = await phoneOf(person.phone).code('payment');
  const other = await context.newPage();
  await other.goto(product);
  await other.getByRole('button', { name: 'Add to cart' }).click();
  await expect(other.getByRole('link', { name: /items: 2/ })).toBeVisible();
  await codeScreen.answer(code);
  await expect(page.getByRole('alert')).toContainText(/changed/i);
  await page.goto('/account/orders');
  await expect(page.getByRole('main')).not.toContainText('Paid');
});

test('a card that declines charges nothing and keeps the cart', async ({ page, world }) => {
  const { person, phoneOf, store, checkout, codeScreen } = world;
  await join(world);
  await store.openProduct('mug');
  await store.addToCart();
  for await (const step of checkout.steps()) {
    if (step === 'the payment method') await page.getByRole('radio', { name: /declin/i }).check();
  }
  await checkout.place();
  await codeScreen.answer(await phoneOf(person.phone).code('payment'));
  await expect(page.getByRole('alert')).toContainText(/declined/i);
  await expect(page.getByRole('link', { name: 'Cart (items: 1)' })).toBeVisible();
});

test('a wrong password and an unknown address lead where the right ones do', async ({ page, world }) => {
  const { person, phoneOf, account, signIn, codeScreen } = world;
  await join(world);
  await account.signOut();
  for (const [email, password] of [
    [person.email, 'not the right password'],
    [`nobody.${person.email}`, person.password],
  ] as const) {
    await signIn.begin(email, password);
    await expect(codeScreen.field).toBeVisible();
    await codeScreen.isRefused(wrong('123456'), /4 more times/);
  }
  expect(await phoneOf(person.phone).codes('login')).toEqual([]);
  await page.goto('/account');
  await expect(page).toHaveURL(/\/login/);
});
