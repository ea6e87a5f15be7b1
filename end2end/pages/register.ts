import { expect, type Page } from '@playwright/test';
import type { Person } from '../support/people';

/** `/register`: name, e-mail, phone, password. */
export class Register {
  constructor(private readonly page: Page) {}

  /** Fills the form and sends it; the code page comes next. */
  async begin(person: Person): Promise<void> {
    await this.page.goto('/register');
    await this.fill(person);
    await this.send();
    await expect(this.page).toHaveURL(/\/register\/verify$/);
  }

  /** Fills the form. */
  async fill(person: Person): Promise<void> {
    await this.page.getByRole('textbox', { name: /name/i }).fill(person.name);
    await this.page.getByRole('textbox', { name: /e-?mail/i }).fill(person.email);
    await this.page.getByRole('textbox', { name: /phone|mobile|whatsapp/i }).fill(person.phone);
    await this.page.getByLabel(/password/i).fill(person.password);
  }

  /** Sends the form. */
  async send(): Promise<void> {
    await this.page.getByRole('button', { name: 'Create account' }).click();
  }
}
