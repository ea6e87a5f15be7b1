import { expect, type Locator, type Page } from '@playwright/test';

/** How many stops a page may have before somebody with a keyboard gives up. */
const PATIENCE = 120;

/** A page in the hands of somebody without a mouse. */
export class Keyboard {
  constructor(private readonly page: Page) {}

  /** Walks with Tab until this has the focus. */
  async reach(goal: Locator): Promise<void> {
    await expect(goal).toBeVisible();
    for (let stop = 0; stop < PATIENCE; stop += 1) {
      if (await goal.evaluate(element => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${goal}`);
  }

  /** Walks there and types. */
  async type(goal: Locator, text: string): Promise<void> {
    await this.reach(goal);
    await this.page.keyboard.type(text);
  }

  /** Walks there and types in place of what stands there. */
  async retype(goal: Locator, text: string): Promise<void> {
    await this.reach(goal);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  /** Walks there and presses Enter. */
  async enter(goal: Locator): Promise<void> {
    await this.reach(goal);
    await this.page.keyboard.press('Enter');
  }
}
