import type { Page } from '@playwright/test';
import { createAccountAndSignIn } from '../support/arrange';
import { seriousOn } from '../support/axe';
import { expect, test } from '../support/test';
import { merchantPages, TOURS } from '../support/all_pages';

/** How long a walk may take, in milliseconds: it visits up to ten pages, and axe reads each of them twice. */
const WALK_TIMEOUT = 300_000;

/** A small phone's window, in CSS pixels. */
const PHONE = { width: 360, height: 740 };

/** Axe finds nothing serious on any page of a walk, and each fits a small phone. */
async function eachIsGood(page: Page, walk: AsyncGenerator<string>): Promise<void> {
  const window = page.viewportSize();
  for await (const name of walk) {
    expect.soft(await seriousOn(page), `what axe finds on ${name}`).toEqual([]);
    await page.setViewportSize(PHONE);
    await page.waitForFunction(width => innerWidth === width, PHONE.width);
    const content = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(content, `width of ${name} on a small phone`).toBeLessThanOrEqual(PHONE.width);
    if (window) await page.setViewportSize(window);
  }
}

for (const tour of TOURS) {
  test(`every page of ${tour.name} is accessible, and fits a small phone`, async ({ page, world }) => {
    test.setTimeout(WALK_TIMEOUT);
    await createAccountAndSignIn(world);
    await eachIsGood(page, tour.walk(world));
  });
}

test('every page of the merchant is accessible, and fits a small phone', async ({ page, shop, world }) => {
  test.setTimeout(WALK_TIMEOUT);
  await eachIsGood(page, merchantPages(world, shop.merchant));
});
