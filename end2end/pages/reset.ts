import { expect, type Page } from '@playwright/test';

/** `/reset`: e-mail address or phone, then a code, then a new password. */
export class Reset {
  constructor(private readonly page: Page) {}

  /** Enters the e-mail address or phone; the code page comes next. */
  async begin(identifier: string): Promise<void> {
    await this.page.goto('/reset');
    await this.page.getByRole('textbox', { name: /e-?mail|phone/i }).fill(identifier);
    await this.page.getByRole('main').getByRole('button').click();
    await expect(this.page).toHaveURL(/\/reset\/verify$/);
  }

  /** Sets the new password; the sign-in page comes next. */
  async set(password: string): Promise<void> {
    await expect(this.page).toHaveURL(/\/reset\/password(#|$)/);
    await this.send(password);
    await expect(this.page).toHaveURL(/\/login/);
  }

  /** Fills in a new password and sends the form. */
  async send(password: string): Promise<void> {
    await this.page.getByLabel(/password/i).fill(password);
    await this.page.getByRole('main').getByRole('button').click();
  }
}
