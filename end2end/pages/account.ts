import { expect, type Page } from '@playwright/test';

/** `/account` and below. */
export class Account {
  constructor(private readonly page: Page) {}

  /** On `/account/phone`, the first step of a change: the password; a code to the current phone follows. */
  async beginStepUp(password: string): Promise<void> {
    await this.page.goto('/account/phone');
    await this.page.getByLabel(/password/i).fill(password);
    await this.page.getByRole('main').getByRole('button').click();
    await expect(this.page.getByRole('textbox', { name: '6-digit code' })).toBeVisible();
  }

  /** The next step: the new number; a code to it follows. */
  async beginPhoneChange(phone: string): Promise<void> {
    await this.typeNewPhone(phone);
    await expect(this.page.getByRole('textbox', { name: '6-digit code' })).toBeVisible();
  }

  /** Fills in the new number and sends the form. */
  async typeNewPhone(phone: string): Promise<void> {
    await this.page.getByRole('textbox', { name: /phone|mobile|number/i }).fill(phone);
    await this.page.getByRole('main').getByRole('button', { name: /send|continue/i }).click();
  }

  /** Waits until the page says that the phone is changed. */
  async isPhoneChanged(): Promise<void> {
    await expect(this.page.getByText('Your phone number is changed.')).toBeVisible();
  }

  /** Makes sure that codes go to a phone that ends like this one. */
  async hasPhone(phone: string): Promise<void> {
    await this.page.goto('/account');
    await expect(this.page.getByRole('definition').last()).toHaveText(new RegExp(`${phone.slice(-2)}$`));
  }

  /** Signs out. */
  async signOut(): Promise<void> {
    await this.page.goto('/account');
    await this.page.getByRole('button', { name: 'Sign out' }).click();
    await expect(this.page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  }
}
