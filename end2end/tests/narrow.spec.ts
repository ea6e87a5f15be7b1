import type { Page } from '@playwright/test';
import { join } from '../support/journeys';
import { expect, test, testInOwnShop } from '../support/test';
import { keeping, TOURS } from '../support/tour';

/** Looks at every page of a walk in a window that was this narrow from the start: one that shrinks is late to know. */
async function allFit(page: Page, walk: AsyncGenerator<string>): Promise<void> {
  for await (const name of walk) {
    const [window, content] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
    expect(window, 'width of the phone').toBe(360);
    expect.soft(content, `width of ${name}`).toBeLessThanOrEqual(360);
  }
}

for (const tour of TOURS) {
  test(`nothing of ${tour.name} is wider than a small phone`, { tag: '@small' }, async ({ page, world }) => {
    test.slow();
    await join(world);
    await allFit(page, tour.walk(world));
  });
}

testInOwnShop("nothing of the merchant's pages is wider than a small phone", { tag: '@small' }, async ({ page, shop, world }) => {
  testInOwnShop.slow();
  await allFit(page, keeping(world, shop.merchant));
});
