import { expect, type Locator, type Page } from '@playwright/test';

/** The most times that Tab is pressed before a page counts as not usable by keyboard. */
const MAX_TAB_STOPS = 120;

/** A page that is used by keyboard alone. */
export class Keyboard {
  constructor(private readonly page: Page) {}

  /** Presses Tab until the element has the focus. */
  async reach(goal: Locator): Promise<void> {
    await expect(goal).toBeVisible();
    for (let stop = 0; stop < MAX_TAB_STOPS; stop += 1) {
      if (await goal.evaluate(element => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${goal}`);
  }

  /** Moves the focus there and types. */
  async type(goal: Locator, text: string): Promise<void> {
    await this.reach(goal);
    await this.page.keyboard.type(text);
  }

  /** Moves the focus there and presses Enter. */
  async enter(goal: Locator): Promise<void> {
    await this.reach(goal);
    await this.page.keyboard.press('Enter');
  }
}
