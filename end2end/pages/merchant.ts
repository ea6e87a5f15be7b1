import { expect, type Locator, type Page } from '@playwright/test';

/** `/merchant/products`: prices and stock of every variant. Only the first variant of a product is used. */
export class MerchantProducts {
  constructor(private readonly page: Page) {}

  async open(): Promise<void> {
    await this.page.goto('/merchant/products');
  }

  stockOf(product: string): Locator {
    return this.textbox(product, /^Stock of/);
  }

  async saveStock(product: string): Promise<void> {
    await this.press(product, /^Save stock of/);
  }

  async addPieces(product: string, pieces: string): Promise<void> {
    await this.textbox(product, /^Pieces to add to/).fill(pieces);
    await this.press(product, /^Add pieces to/);
  }

  async isRefusedBecause(words: string): Promise<void> {
    await expect(this.page.getByRole('alert')).toContainText(words);
  }

  private textbox(product: string, name: RegExp): Locator {
    return this.page.getByRole('region', { name: product }).getByRole('textbox', { name }).first();
  }

  private async press(product: string, name: RegExp): Promise<void> {
    await this.page.getByRole('region', { name: product }).getByRole('button', { name }).first().click();
  }
}
