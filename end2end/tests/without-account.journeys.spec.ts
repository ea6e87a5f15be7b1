import { createAccountAndSignIn, fillCart, placeOrder } from '../support/arrange';
import { expect, test } from '../support/test';

test('an order is found by code and withdrawn from without signing in', async ({ page, context, app }) => {
  const { person, phoneOf, codeScreen, checkout } = app;
  await createAccountAndSignIn(app);
  await fillCart(app);
  await placeOrder(app);
  await codeScreen.answer(await phoneOf(person.phone).code('payment'));
  await checkout.isPaid();
  const main = page.getByRole('main');
  const number = /M-\d{4}-[2-9A-Z]{6}/.exec(await main.innerText())?.[0] ?? '';
  await context.clearCookies();

  await page.goto('/orders/lookup');
  await page.getByRole('textbox', { name: 'Order number' }).fill(number.toLowerCase());
  await page.getByRole('textbox', { name: 'E-mail address or mobile phone' }).fill(person.email);
  await page.getByRole('button', { name: 'Send the code' }).click();
  await codeScreen.answer(await phoneOf(person.phone).code('order_lookup'));
  await checkout.isPaid();

  await main.getByRole('link', { name: 'Withdraw from contract here' }).click();
  await expect(page.getByRole('textbox', { name: 'Order number' })).toHaveValue(number);
  await page.getByRole('textbox', { name: 'Full name' }).fill(person.name);
  await page.getByRole('textbox', { name: 'E-mail address or mobile phone' }).fill(person.email);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Confirm withdrawal' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Receipt of your withdrawal');
  await expect(main).toContainText(`I withdraw from the contract of order ${number}.`);
});
