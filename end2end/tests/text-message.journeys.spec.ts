import { remember } from '../support/secrets';
import { expect, test } from '../support/test';

test.describe('a code by text message', () => {
  test('is offered when WhatsApp cannot reach the phone, and is the same code', async ({ page, app, mode }) => {
    const { person, phoneOf, register, codeScreen } = app;
    const phone = phoneOf(person.phone);
    const button = page.getByRole('button', { name: 'Send by text message', exact: true });
    await phone.setFault('undeliverable');
    await register.begin(person);
    if (mode === 'full') {
      // The page is updated by server-sent events.
      await expect(button).toBeVisible();
    } else {
      const again = page.getByRole('link', { name: 'Check again where your message is' });
      while (await button.isHidden()) await Promise.all([page.waitForEvent('load'), again.click()]);
    }
    await expect(page.getByText('WhatsApp cannot reach this number just now.')).toBeVisible();
    await phone.setFault('none');
    await button.click();
    await expect(page.getByText('We sent the same code by text message.')).toBeVisible();
    const texts = async () => (await phone.messages()).filter(message => message.channel === 'sms');
    await expect.poll(async () => (await texts()).length).toBe(1);
    const [{ code = '' } = {}] = (await texts()) as { code: string }[];
    remember('code', code);
    await expect(button).toBeHidden();
    await codeScreen.answer(code);
    await expect(page).toHaveURL(/\/account$/);
  });
});
