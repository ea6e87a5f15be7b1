import type { Page } from '@playwright/test';
import { join } from '../support/journeys';
import { expect, test, testInOwnShop } from '../support/test';
import { merchantPages, TOURS } from '../support/tour';

/** Every page of a walk fits the window, which is a small phone's. */
async function allFit(page: Page, walk: AsyncGenerator<string>): Promise<void> {
  for await (const name of walk) {
    const [phone, content] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
    expect(phone, 'width of the phone').toBe(360);
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
  await allFit(page, merchantPages(world, shop.merchant));
});
