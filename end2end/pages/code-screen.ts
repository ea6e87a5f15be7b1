import { expect, type Locator, type Page } from '@playwright/test';

/** The screen that asks for a code, wherever it stands. */
export class CodeScreen {
  readonly field: Locator;
  readonly alert: Locator;
  readonly status: Locator;
  readonly submit: Locator;
  readonly again: Locator;

  constructor(private readonly page: Page) {
    this.field = page.getByRole('textbox', { name: '6-digit code' });
    this.alert = page.getByRole('alert');
    this.status = page.getByRole('status');
    this.submit = page.getByRole('button', { name: /^(Verify code|Confirm payment)$/ });
    this.again = page.getByRole('button', { name: 'Send the code again' });
  }

  /** Types a code and sends it. */
  async answer(code: string): Promise<void> {
    await this.field.fill(code);
    await this.submit.click();
  }

  /** Types a code that is refused, and waits for the words that say so. */
  async isRefused(code: string, words: RegExp = /wrong|over|start again|no code/i): Promise<void> {
    await this.answer(code);
    await expect(this.alert).toContainText(words);
  }

  /** Gives the code up, for another way. */
  async otherWay(name: string): Promise<void> {
    await this.page.getByText('Use another way', { exact: true }).click();
    await this.page.getByRole('button', { name }).click();
  }

  /** Waits until the islands of the page are alive. */
  async isAwake(): Promise<void> {
    await expect(this.page.locator('html[data-hydrated="true"]')).toBeAttached();
  }
}
