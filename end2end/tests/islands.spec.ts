import { CodeScreen } from '../pages/code-screen';
import { createAccount } from '../support/arrange';
import { wrong } from '../support/phone';
import { expect, test } from '../support/test';

test.describe('islands', () => {
  test('a wrong code is answered in the same document, without console messages', { tag: '@smoke' }, async ({ page, app }) => {
    const { person, phoneOf, register, codeScreen } = app;
    const complaints: string[] = [];
    page.on('pageerror', error => complaints.push(error.message));
    page.on('console', message => {
      // The browser itself reports an answer of 422; every other message is the program's.
      const isAnswer = message.text().startsWith('Failed to load resource') && message.text().includes('422');
      if (['error', 'warning'].includes(message.type()) && !isAnswer) complaints.push(message.text());
    });
    await register.begin(person);
    await codeScreen.isHydrated();
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    const code = await phoneOf(person.phone).code('phone');
    await codeScreen.isRefused(wrong(code), /4 more times/);
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    await codeScreen.asksAgain(/4 more times/);
    await page.keyboard.type(code);
    await expect(codeScreen.field, 'the wrong digits were selected').toHaveValue(code);
    expect(complaints).toEqual([]);
  });

  test('the code page says by itself when the message has arrived', async ({ page, app }) => {
    const { person, register, codeScreen } = app;
    await register.begin(person);
    await expect(page.getByText('Your message is on your phone.')).toBeVisible();
    await expect(codeScreen.field).toBeFocused();
  });

  test('an open simulated phone shows a new message', async ({ page, context, app }) => {
    const { person, register } = app;
    const phone = await context.newPage();
    await phone.goto(`/simulator/${encodeURIComponent(person.phone)}`);
    await register.begin(person);
    await expect(phone.getByRole('button', { name: 'Copy code' })).toHaveCount(1);
    await expect(page.getByText('Your message was opened on your phone.')).toBeVisible();
  });

  test('after the right password the code page says that the message was opened', async ({ page, context, app }) => {
    await createAccount(app);
    const phone = await context.newPage();
    await phone.goto(`/simulator/${encodeURIComponent(app.person.phone)}`);
    const before = await phone.getByText(/for logging in/i).count();
    await app.signIn.begin(app.person.email, app.person.password);
    await expect(phone.getByText(/for logging in/i)).toHaveCount(before + 1);
    await expect(page.getByText('Your message was opened on your phone.')).toBeVisible();
  });

  test('at a password reset the page does not tell what the phone does', async ({ page, context, app }) => {
    await createAccount(app);
    const phone = await context.newPage();
    await phone.goto(`/simulator/${encodeURIComponent(app.person.phone)}`);
    const before = await phone.getByText(/setting a new password/i).count();
    await app.reset.begin(app.person.email);
    await expect(phone.getByText(/setting a new password/i)).toHaveCount(before + 1);
    await expect(page.getByText('Your message is on its way.')).toBeVisible();
    await expect(page.getByText('Your message was opened on your phone.')).toBeHidden();
  });

  test('pages without islands load no WebAssembly', { tag: '@smoke' }, async ({ page }) => {
    const loaded: string[] = [];
    page.on('request', request => loaded.push(request.url()));
    await page.goto('/');
    await page.goto('/products');
    await page.goto('/login');
    expect(loaded.filter(url => /\.(wasm|js)$/.test(url))).toEqual([]);
  });

  test('a page of an older build whose script is gone falls back to plain forms', async ({ page, context, app }) => {
    await context.route('**/pkg/**', route => route.fulfill({ status: 404, contentType: 'text/plain', body: '' }));
    const { person, phoneOf, register } = app;
    await register.begin(person);
    const screen = new CodeScreen(page, false);
    const code = await phoneOf(person.phone).code('phone');
    await screen.isRefused(wrong(code), /4 more times/);
    await screen.answer(code);
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
  });
});
