import { expect, type Locator, type Page } from '@playwright/test';

/** The catalogue, its products and the cart. */
export class Store {
  readonly cart: Locator;
  readonly totals: Locator;

  constructor(private readonly page: Page) {
    this.cart = page.getByRole('region', { name: 'Cart' });
    this.totals = page.getByRole('region', { name: 'Totals' });
  }

  /** Searches for a product, and opens the first result. */
  async openProduct(query: string): Promise<void> {
    await this.page.goto('/products');
    await this.page.getByRole('searchbox').fill(query);
    await this.page.getByRole('searchbox').press('Enter');
    await expect(this.page).toHaveURL(/q=/);
    await this.page.getByRole('main').getByRole('listitem').getByRole('link').first().click();
    await expect(this.page).toHaveURL(/\/products\/[a-z0-9-]+/);
  }

  /** Puts the product into the cart, in the selected size. */
  async addToCart(): Promise<void> {
    await this.page.getByRole('button', { name: 'Add to cart' }).click();
    await expect(this.page.getByRole('link', { name: /items: [1-9]/ })).toBeVisible();
  }
}
