import { expect, type Locator, type Page } from '@playwright/test';

/** The catalogue, its products and the cart. */
export class Store {
  readonly cart: Locator;
  readonly totals: Locator;

  constructor(private readonly page: Page) {
    this.cart = page.getByRole('region', { name: 'Cart' });
    this.totals = page.getByRole('region', { name: 'Totals' });
  }

  /** Opens the first product of the catalogue that is in stock. */
  async openProduct(query = ''): Promise<void> {
    await this.page.goto(`/products?q=${query}`);
    await this.page.getByRole('main').getByRole('listitem').getByRole('link').first().click();
    await expect(this.page).toHaveURL(/\/products\/[a-z0-9-]+$/);
  }

  /** Puts the first choice of the product into the cart. */
  async addToCart(): Promise<void> {
    await this.page.getByRole('button', { name: 'Add to cart' }).click();
    await expect(this.page.getByRole('link', { name: /items: [1-9]/ })).toBeVisible();
  }
}
