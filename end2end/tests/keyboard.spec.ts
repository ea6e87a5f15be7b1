import { createAccount, createAccountAndSignIn } from '../support/arrange';
import { Keyboard } from '../support/keyboard';
import { newPhone } from '../support/people';
import { wrong } from '../support/phone';
import { remember } from '../support/secrets';
import { expect, test } from '../support/test';

test('by keyboard alone: a customer opens an account and buys', async ({ page, app }) => {
  const { person, phoneOf, checkout, codeScreen } = app;
  const keyboard = new Keyboard(page);
  const main = page.getByRole('main');
  const button = (name: string) => main.getByRole('button', { name, exact: true });

  await page.goto('/');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();

  await page.goto('/register');
  await keyboard.type(main.getByRole('textbox', { name: /name/i }), person.name);
  await keyboard.type(main.getByRole('textbox', { name: /e-?mail/i }), person.email);
  await keyboard.type(main.getByRole('textbox', { name: /phone|mobile/i }), person.phone);
  await keyboard.type(main.getByLabel(/password/i), person.password);
  await page.keyboard.press('Enter');
  await keyboard.type(codeScreen.field, await phoneOf(person.phone).code('phone'));
  await page.keyboard.press('Enter');
  await app.signIn.isDone();

  await page.goto('/products?q=mug');
  await keyboard.enter(main.getByRole('listitem').getByRole('link').first());
  await keyboard.enter(button('Add to cart'));
  await keyboard.enter(page.getByRole('link', { name: /items: 1/ }));
  await keyboard.enter(button('Increase quantity'));
  await keyboard.enter(page.getByRole('link', { name: /items: 2/ }));
  await keyboard.enter(main.getByRole('link', { name: 'Check out' }));

  await keyboard.type(main.getByRole('combobox', { name: 'Country' }), 'United K');
  await keyboard.type(main.getByRole('textbox', { name: 'Street and number' }), '12 Fore Street');
  await keyboard.type(main.getByRole('textbox', { name: 'Postal code' }), 'EC2Y 5EJ');
  await keyboard.type(main.getByRole('textbox', { name: 'Town' }), 'London');
  await keyboard.enter(button('Continue to shipping'));
  await keyboard.enter(button('Continue to payment'));
  await keyboard.enter(button('Continue to review'));
  await keyboard.enter(main.getByRole('button', { name: 'Place order' }));

  await keyboard.type(codeScreen.field, await phoneOf(person.phone).code('payment'));
  await page.keyboard.press('Enter');
  await checkout.isPaid();
});

test('by keyboard alone: a customer signs in after a wrong code, and trusts the device', async ({ page, app }) => {
  const { person, phoneOf, codeScreen, signIn } = app;
  const keyboard = new Keyboard(page);
  const main = page.getByRole('main');
  await createAccount(app);
  await page.goto('/');
  await keyboard.enter(page.getByRole('link', { name: 'Sign in' }));
  await keyboard.type(main.getByRole('textbox', { name: /e-?mail/i }), person.email);
  await keyboard.type(main.getByLabel(/password/i), person.password);
  await page.keyboard.press('Enter');
  const code = await phoneOf(person.phone).code('login');
  await keyboard.type(codeScreen.field, wrong(code));
  await page.keyboard.press('Enter');
  await codeScreen.asksAgain(/4 more times/);
  await page.keyboard.type(code);
  await keyboard.reach(page.getByRole('checkbox', { name: /30 days/ }));
  await page.keyboard.press('Space');
  await keyboard.enter(codeScreen.submit);
  await signIn.isDone();
  await page.goto('/account/security');
  await keyboard.enter(page.getByRole('button', { name: 'Forget' }));
  await expect(page.getByText('None.')).toBeVisible();
});

test('by keyboard alone: a customer sets a new password', async ({ page, app }) => {
  const { person, phoneOf, codeScreen } = app;
  const keyboard = new Keyboard(page);
  const main = page.getByRole('main');
  await createAccount(app);
  await page.goto('/login');
  await keyboard.enter(main.getByRole('link', { name: 'Forgot your password?' }));
  await keyboard.type(main.getByRole('textbox', { name: /e-?mail|phone/i }), person.email);
  await page.keyboard.press('Enter');
  await keyboard.type(codeScreen.field, await phoneOf(person.phone).code('reset'));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/reset\/password$/);
  await keyboard.type(main.getByLabel(/password/i), 'short');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toBeFocused();
  const password = `amber ${person.password}`;
  remember('password', password);
  await keyboard.type(main.getByLabel(/password/i), password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/login/);
});

test('by keyboard alone: a customer changes the phone', async ({ page, app }) => {
  const { person, phoneOf, account, codeScreen } = app;
  const keyboard = new Keyboard(page);
  const main = page.getByRole('main');
  await createAccountAndSignIn(app);
  await page.goto('/account');
  await keyboard.enter(main.getByRole('link', { name: 'Change the phone' }));
  await keyboard.type(main.getByLabel(/password/i), person.password);
  await page.keyboard.press('Enter');
  await keyboard.type(codeScreen.field, await phoneOf(person.phone).code('step_up'));
  await page.keyboard.press('Enter');
  const next = newPhone();
  await keyboard.type(main.getByRole('textbox', { name: /new mobile phone/i }), next);
  await page.keyboard.press('Enter');
  await keyboard.type(codeScreen.field, await phoneOf(next).code('phone'));
  await page.keyboard.press('Enter');
  await account.isPhoneChanged();
  await account.hasPhone(next);
});
