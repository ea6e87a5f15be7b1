import { resolve } from 'node:path';
import { createAccount } from '../support/arrange';
import { test } from '../support/test';

/** Where the README's pictures are kept; see scripts/pictures. */
const folder = resolve(import.meta.dirname, '../../docs/images');

test('the pictures of the README', async ({ page, context, app }) => {
  await page.setViewportSize({ width: 900, height: 760 });
  const { person, phoneOf, signIn } = app;
  await createAccount(app);
  await signIn.begin(person.email, person.password);
  await phoneOf(person.phone).code('login');
  await page.getByText('Your message was opened on your phone.').or(page.getByText('Your message is on your phone.')).waitFor();
  await page.screenshot({ path: resolve(folder, 'code.png'), animations: 'disabled' });
  const phone = await context.newPage();
  await phone.setViewportSize({ width: 900, height: 960 });
  await phone.goto(`/simulator/${encodeURIComponent(person.phone)}`);
  await phone.getByRole('button', { name: 'Copy code' }).first().waitFor();
  await phone.screenshot({ path: resolve(folder, 'phone.png'), animations: 'disabled' });
});
