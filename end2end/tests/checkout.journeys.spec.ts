import { COUNTDOWN } from '../pages/code-screen';
import { createAccountAndSignIn, fillCart, MUG, placeOrder } from '../support/arrange';
import { wrong } from '../support/phone';
import { expect, test } from '../support/test';

for (const way of ['directly', 'through the sign-in page'] as const) {
  test(`a guest who opens an account ${way} returns to the checkout with the cart`, async ({ page, app }) => {
    const { person, phoneOf, checkout, register, codeScreen } = app;
    const main = page.getByRole('main');
    await fillCart(app);
    await page.goto('/checkout');
    if (way === 'directly') {
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
    await expect(checkout.summary).toContainText(MUG.name);
    await expect(page.getByRole('textbox', { name: 'Street and number' })).toBeVisible();
  });
}

test('x82 after five wrong codes an order takes the password again', async ({ page, shop, app }) => {
  const { person, phoneOf, checkout, codeScreen } = app;
  const place = page.getByRole('button', { name: 'Place order' });
  const password = page.getByLabel('Password');
  const alert = page.getByRole('alert');
  await createAccountAndSignIn(app);
  await fillCart(app);
  await placeOrder(app);
  const code = await phoneOf(person.phone).code('payment');
  for (const [step, words] of COUNTDOWN.slice(0, 4).entries()) {
    await codeScreen.isRefused(wrong(code, step + 1), words);
  }
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

test('the form of an address has the fields of its country, and keeps what was typed', async ({ page, app }) => {
  const street = page.getByRole('textbox', { name: 'Street and number' });
  const zip = page.getByRole('textbox', { name: 'ZIP code' });
  await createAccountAndSignIn(app);
  await fillCart(app);
  await page.goto('/checkout');
  await street.fill('1 Main St');
  await page.getByRole('combobox', { name: 'Country' }).selectOption({ label: 'United States' });
  await page.getByRole('button', { name: 'Change country' }).click();
  await expect(zip).toBeVisible();
  await expect(street).toHaveValue('1 Main St');
  await expect(page.getByRole('alert')).toBeHidden();
  await page.getByRole('textbox', { name: 'Town' }).fill('Springfield');
  await zip.fill('62701');
  await zip.press('Enter');
  await expect(page.getByRole('combobox', { name: 'State' })).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('combobox', { name: 'State' }).selectOption({ label: 'Illinois' });
  await page.getByRole('button', { name: 'Continue to shipping' }).click();
  await expect(page.getByText('Springfield, IL 62701')).toBeVisible();
});
