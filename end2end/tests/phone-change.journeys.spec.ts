import { beginPhoneChange, createAccountAndSignIn } from '../support/arrange';
import { newPhone } from '../support/people';
import { expect, test } from '../support/test';

test('a mistyped number can be replaced by another', async ({ page, app }) => {
  const { phoneOf, account, codeScreen } = app;
  await createAccountAndSignIn(app);
  await beginPhoneChange(app);
  await codeScreen.otherWay('Use another number');
  const next = newPhone();
  await account.beginPhoneChange(next);
  await codeScreen.answer(await phoneOf(next).code('phone'));
  await account.isPhoneChanged();
  await account.hasPhone(next);

  await page.goto('/account/phone');
  await expect(page.getByLabel(/password/i), 'each change takes the whole way').toBeVisible();
});

test('the code to the current phone can be replaced by the password and a new code', async ({ page, app }) => {
  const { person, phoneOf, account, codeScreen } = app;
  await createAccountAndSignIn(app);
  await account.beginStepUp(person.password);
  await codeScreen.otherWay('Give your password again, for a new code');
  await expect(page.getByLabel(/password/i)).toBeVisible();
  await account.beginStepUp(person.password);
  await codeScreen.answer(await phoneOf(person.phone).code('step_up', 2));
  await expect(page.getByRole('textbox', { name: /new mobile phone/i })).toBeVisible();
});
