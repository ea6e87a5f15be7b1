import { createAccount } from '../support/arrange';
import { expect, test } from '../support/test';

test('a trusted device signs in with the password alone until it is revoked', async ({ page, app }) => {
  const { person, phoneOf, account, signIn, codeScreen } = app;
  await createAccount(app);
  await signIn.begin(person.email, person.password);
  await page.getByRole('checkbox', { name: /30 days/ }).check();
  await codeScreen.answer(await phoneOf(person.phone).code('login'));
  await signIn.isDone();
  await account.signOut();

  await signIn.send(person.email, person.password);
  await signIn.isDone();

  await page.goto('/account/security');
  await page.getByRole('button', { name: 'Forget' }).click();
  await expect(page.getByText('None.')).toBeVisible();
  await account.signOut();
  await signIn.begin(person.email, person.password);
});

test('only the owner of a taken phone is told that it has an account', async ({ page, app }) => {
  const { person, phoneOf, register, codeScreen } = app;
  await createAccount(app);
  await register.begin({ ...person, email: `another.${person.email}` });
  await expect(codeScreen.field).toBeVisible();
  await phoneOf(person.phone).receives(/already/i);
  expect((await phoneOf(person.phone).codes('phone')).length).toBe(1);
  expect(page.url()).toMatch(/\/register\/verify$/);
});

test('invalid input is reported by field, and valid input stays', async ({ page, app }) => {
  const { person, register } = app;
  await page.goto('/register');
  await register.fill({ ...person, email: 'robin', phone: '+1 555 0100', password: 'short' });
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('alert')).toBeFocused();
  for (const name of [/e-?mail/i, /phone/i]) {
    await expect(page.getByRole('textbox', { name })).toHaveAttribute('aria-invalid', 'true');
  }
  await expect(page.getByText('Use at least 12 characters.')).toBeVisible();
  await expect(page.getByRole('textbox', { name: /full name/i })).toHaveValue(person.name);
  await expect(page.getByLabel(/password/i)).toHaveValue('');
});

test('an e-mail address with a domain in Unicode is one account in every spelling', async ({ page, app }) => {
  const { person, phoneOf, account, register, signIn, codeScreen } = app;
  const [name = ''] = person.email.split('@');
  await register.begin({ ...person, email: `${name}@bücher.example` });
  await codeScreen.answer(await phoneOf(person.phone).code('phone'));
  await signIn.isDone();
  await account.signOut();
  await signIn.begin(`Robin <${name.toUpperCase()}@BÜCHER.example>`, person.password);
  await codeScreen.answer(await phoneOf(person.phone).code('login'));
  await signIn.isDone();
  await page.goto('/account');
  await expect(page.getByText(`${name}@xn--bcher-kva.example`)).toBeVisible();
});
