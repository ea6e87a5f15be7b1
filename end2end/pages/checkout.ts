import { expect, type Locator, type Page } from '@playwright/test';

/** `/checkout`: address, shipping, payment, review and code. */
export class Checkout {
  readonly summary: Locator;

  constructor(private readonly page: Page) {
    this.summary = page.getByRole('region', { name: 'Order summary' });
  }

  /** Goes from the first step to the code page. */
  async begin(): Promise<void> {
    for await (const _ of this.steps()) continue;
    await this.place();
  }

  /** Goes up to the review, and yields the name of each page. */
  async *steps(): AsyncGenerator<string> {
    await this.page.goto('/checkout');
    yield 'the delivery address';
    await this.fillAddress();
    await this.page.getByRole('button', { name: 'Continue to shipping' }).click();
    await this.page.getByRole('radio').first().check();
    yield 'the shipping method';
    await this.page.getByRole('button', { name: 'Continue to payment' }).click();
    await this.page.getByRole('radio').first().check();
    yield 'the payment method';
    await this.page.getByRole('button', { name: 'Continue to review' }).click();
    await expect(this.page.getByRole('button', { name: 'Place order' })).toBeVisible();
    yield 'the review';
  }

  /** Places the order; the code page comes next. */
  async place(): Promise<void> {
    await this.page.getByRole('button', { name: 'Place order' }).click();
    await expect(this.page).toHaveURL(/\/checkout\/confirm$/);
  }

  /** An address in London. */
  async fillAddress(): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Street and number' }).fill('12 Fore Street');
    await this.page.getByRole('textbox', { name: 'Postal code' }).fill('EC2Y 5EJ');
    await this.page.getByRole('textbox', { name: 'Town' }).fill('London');
    await this.page.getByRole('combobox', { name: 'Country' }).selectOption({ label: 'United Kingdom' });
  }

  /** Waits for the page of the paid order. */
  async isPaid(): Promise<void> {
    await expect(this.page).toHaveURL(/\/orders\/[A-Za-z0-9_-]+$/);
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(/your order is confirmed/i);
  }
}
