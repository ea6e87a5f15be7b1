import { expect, type Page } from '@playwright/test';

/** `/login`: e-mail and password. */
export class SignIn {
  constructor(private readonly page: Page) {}

  /** Fills the form and sends it; the code page comes next. */
  async begin(email: string, password: string): Promise<void> {
    await this.send(email, password);
    await expect(this.page).toHaveURL(/\/login\/verify$/);
  }

  /** Fills the form and sends it. */
  async send(email: string, password: string): Promise<void> {
    await this.page.goto('/login');
    await this.page.getByRole('textbox', { name: /e-?mail/i }).fill(email);
    await this.page.getByLabel(/password/i).fill(password);
    await this.page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  }

  /** Sends an address and a password that do not match; the form says so, and keeps only the address. */
  async isRefused(email: string, password: string): Promise<void> {
    await this.send(email, password);
    await expect(this.page.getByRole('alert')).toHaveText('That e-mail address and password do not match.');
    await expect(this.page).toHaveURL(/\/login(#alert)?$/);
    await expect(this.page.getByRole('textbox', { name: /e-?mail/i })).toHaveValue(email);
    await expect(this.page.getByLabel(/password/i)).toHaveValue('');
  }

  /** Waits until the page shows that the browser is signed in. */
  async isDone(): Promise<void> {
    await expect(this.page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Account' })).toBeVisible();
  }
}
