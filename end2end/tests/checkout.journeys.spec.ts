import { wrong } from '../support/phone';
import { join } from '../support/journeys';
import { expect, test, testInOwnShop } from '../support/test';

for (const door of ['directly', 'by way of the sign-in page'] as const) {
  test(`a guest who opens an account ${door} is back in the checkout, with the cart`, async ({ page, world }) => {
    const { person, phoneOf, store, checkout, register, codeScreen } = world;
    const main = page.getByRole('main');
    await store.openProduct('mug');
    const name = await page.getByRole('heading', { level: 1 }).innerText();
    await store.addToCart();
    await page.goto('/checkout');
    if (door === 'directly') {
      await main.getByRole('link', { name: 'Create account' }).click();
    } else {
      await main.getByRole('link', { name: 'Sign in' }).click();
      await main.getByRole('link', { name: 'Create an account' }).click();
    }
    const create = page.getByRole('button', { name: 'Create account' });
    await register.fill({ ...person, email: 'robin' });
    await create.click();
    await expect(page.getByRole('alert')).toBeVisible();
    await register.fill(person);
    await create.click();
    await expect(page).toHaveURL(/\/register\/verify$/);
    await codeScreen.answer(await phoneOf(person.phone).code('phone'));
    await expect(page).toHaveURL(/\/checkout$/);
    await expect(checkout.summary).toContainText(name);
    await expect(page.getByRole('textbox', { name: 'Street and number' })).toBeVisible();
  });
}

testInOwnShop('x82 after five wrong codes an order takes the password again', async ({ page, shop, world }) => {
  const { person, phoneOf, store, checkout, codeScreen } = world;
  const place = page.getByRole('button', { name: 'Place order' });
  const password = page.getByLabel('Password');
  const alert = page.getByRole('alert');
  await join(world);
  await store.openProduct('mug');
  await store.addToCart();
  await checkout.begin();
  const code = await phoneOf(person.phone).code('payment');
  for (const step of [1, 2, 3, 4]) await codeScreen.isRefused(wrong(code, step), /more/);
  await codeScreen.isRefused(wrong(code, 5), /with your password/);

  await page.goto('/checkout?step=review');
  await place.click();
  await expect(alert).toContainText('confirm that it is you');
  await password.fill('not the right password');
  await place.click();
  await expect(alert).toContainText('not your current password');
  await shop.advance(15 * 60);
  await password.fill(person.password);
  await checkout.place();
  await codeScreen.answer(await phoneOf(person.phone).code('payment', 2));
  await checkout.isPaid();
});
