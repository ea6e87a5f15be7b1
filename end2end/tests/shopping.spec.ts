import { createAccount, createAccountAndSignIn, fillCart, MUG, placeOrder } from '../support/arrange';
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
  await createAccountAndSignIn(world);
  await page.goto('/cart');
  await expect(page.getByRole('link', { name: 'Cart (items: 1)' })).toBeVisible();
  await store.cart.getByRole('button', { name: 'Remove' }).click();
  await expect(page.getByText('Your cart is empty.')).toBeVisible();
});

test('x75 a cart changed in another tab makes the code worthless, and nothing is charged', async ({ page, context, world }) => {
  const { person, phoneOf, codeScreen } = world;
  await createAccountAndSignIn(world);
  await fillCart(world);
  await placeOrder(world);
  const code = await phoneOf(person.phone).code('payment');
  const other = await context.newPage();
  await other.goto(MUG.path);
  await other.getByRole('button', { name: 'Add to cart' }).click();
  await expect(other.getByRole('link', { name: /items: 2/ })).toBeVisible();
  await codeScreen.answer(code);
  await expect(page.getByRole('alert')).toContainText(/changed/i);
  await page.goto('/account/orders');
  await expect(page.getByRole('main')).not.toContainText('Paid');
});

test('a card that declines charges nothing and keeps the cart', async ({ page, world }) => {
  const { person, phoneOf, codeScreen } = world;
  await createAccountAndSignIn(world);
  await fillCart(world);
  await placeOrder(world, 'demo_decline');
  await codeScreen.answer(await phoneOf(person.phone).code('payment'));
  await expect(page.getByRole('alert')).toContainText(/declined/i);
  await expect(page.getByRole('link', { name: 'Cart (items: 1)' })).toBeVisible();
});

test('a wrong password and an unknown address are refused at once in the same words', async ({ page, world }) => {
  const { person, phoneOf, signIn } = world;
  await createAccount(world);
  for (const [email, password] of [
    [person.email, 'not the right password'],
    [`nobody.${person.email}`, person.password],
  ] as const) {
    await signIn.isRefused(email, password);
  }
  expect(await phoneOf(person.phone).codes('login')).toEqual([]);
  await page.goto('/account');
  await expect(page).toHaveURL(/\/login/);
  await signIn.begin(person.email, person.password);
  await expect(page.locator('.recipient')).toHaveText(`••• ••• ${person.phone.slice(-2)}`);
});
