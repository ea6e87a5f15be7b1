import { expect, type Locator, type Page } from '@playwright/test';

/** What the page says after each of five wrong codes. */
export const COUNTDOWN = [/4 more times/, /3 more times/, /2 more times/, /once more/, /start again|too many/i];

/** The form that asks for a code, on whichever page it is. */
export class CodeScreen {
  readonly field: Locator;
  readonly alert: Locator;
  readonly submit: Locator;

  /** `isLive` says whether JavaScript runs, and so the forms are answered in the same document. */
  constructor(
    private readonly page: Page,
    private readonly isLive: boolean,
  ) {
    this.field = page.getByRole('textbox', { name: '6-digit code' });
    this.alert = page.getByRole('alert');
    this.submit = page.getByRole('button', { name: /^(Verify code|Confirm payment)$/ });
  }

  /** Types a code and sends it, by the island if JavaScript runs, for which it waits. */
  async answer(code: string): Promise<void> {
    if (this.isLive) await this.isHydrated();
    await this.field.fill(code);
    await this.submit.click();
  }

  /** Types a code that is refused, and waits for the message. */
  async isRefused(code: string, words: RegExp = /wrong|over|start again|no code/i): Promise<void> {
    await this.answer(code);
    await expect(this.alert).toContainText(words);
  }

  /** Pastes a text, as from a message. A browser fires the event only for people, so it is made here. */
  async paste(text: string): Promise<void> {
    if (!this.isLive) {
      await this.field.fill(text);
      return;
    }
    await this.isHydrated();
    const isTaken = await this.field.evaluate((field, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      return !field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
    expect(isTaken, 'the island takes the code out of the text').toBe(true);
  }

  /** Expects that the field says that its code is wrong, and is ready for another. */
  async asksAgain(words: RegExp = /wrong/i): Promise<void> {
    await expect(this.alert).toContainText(words);
    await expect(this.field).toBeFocused();
    await expect(this.field).toHaveAttribute('aria-invalid', 'true');
    await expect(this.field).toHaveAccessibleDescription(words);
  }

  /** Asks for the code again, and waits until the page says that it was sent. */
  async sendAgain(): Promise<void> {
    if (this.isLive) await this.isHydrated();
    await this.page.getByRole('button', { name: 'Send the code again' }).click();
    await expect(this.page.getByText('We sent the code again.')).toBeVisible();
  }

  /** Chooses one of the other ways that the page offers. */
  async otherWay(name: string): Promise<void> {
    await this.page.getByText('Use another way', { exact: true }).click();
    await this.page.getByRole('button', { name }).click();
  }

  /** Waits until the islands of the page are hydrated. */
  async isHydrated(): Promise<void> {
    await expect(this.page.locator('html[data-hydrated="true"]')).toBeAttached();
  }
}
