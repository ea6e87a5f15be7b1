import { createAccountAndSignIn } from '../support/arrange';
import { newPhone } from '../support/people';
import { remember } from '../support/secrets';
import { expect, test } from '../support/test';

test('sa15 a recovery code replaces a lost phone', async ({ page, app }) => {
  const { person, phoneOf, account, codeScreen, signIn } = app;
  await createAccountAndSignIn(app);
  await page.goto('/account/recovery-codes');
  await page.getByRole('button', { name: 'Make recovery codes' }).click();
  const codes = page.getByRole('region', { name: 'Your new recovery codes' }).getByRole('listitem');
  await expect(codes).toHaveCount(10);
  const code = await codes.first().innerText();
  remember('password', code);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as a text file' }).click();
  expect((await download).suggestedFilename()).toBe('recovery-codes.txt');
  await page.getByRole('button', { name: 'I have saved these codes' }).click();
  await expect(page.getByRole('status')).toHaveText('Your recovery codes are saved.');
  await account.signOut();

  await signIn.begin(person.email, person.password);
  await page.getByRole('button', { name: 'I no longer have this phone' }).click();
  await page.getByRole('textbox', { name: 'Recovery code' }).fill(code.toLowerCase());
  await page.getByRole('button', { name: 'Use this recovery code' }).click();
  const next = newPhone();
  await account.typeNewPhone(next);
  await codeScreen.answer(await phoneOf(next).code('phone'));
  await account.isPhoneChanged();
  await account.hasPhone(next);
});
