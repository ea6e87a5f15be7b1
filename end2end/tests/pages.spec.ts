import type { Page } from '@playwright/test';
import { merchantPages, PAGE_GROUPS } from '../support/all-pages';
import { createAccountAndSignIn } from '../support/arrange';
import { seriousOn } from '../support/axe';
import { expect, test } from '../support/test';

/** The time-out in milliseconds: a test visits up to twenty pages, and axe checks each of them twice. */
const VISIT_TIMEOUT = 300_000;

/** A small phone's window, in CSS pixels. */
const PHONE = { width: 360, height: 740 };

/** Expects of every page that axe finds nothing serious, and that it fits a small phone. */
async function expectGoodPages(page: Page, visit: AsyncGenerator<string>): Promise<void> {
  const window = page.viewportSize();
  for await (const name of visit) {
    expect.soft(await seriousOn(page), `what axe finds on ${name}`).toEqual([]);
    await page.setViewportSize(PHONE);
    await page.waitForFunction(width => innerWidth === width, PHONE.width);
    const content = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(content, `width of ${name} on a small phone`).toBeLessThanOrEqual(PHONE.width);
    if (window) await page.setViewportSize(window);
  }
}

for (const group of PAGE_GROUPS) {
  test(`every page of ${group.name} is accessible, and fits a small phone`, async ({ page, app }) => {
    test.setTimeout(VISIT_TIMEOUT);
    await createAccountAndSignIn(app);
    await expectGoodPages(page, group.visit(app));
  });
}

test('every admin page is accessible, and fits a small phone', async ({ page, shop, app }) => {
  test.setTimeout(VISIT_TIMEOUT);
  await expectGoodPages(page, merchantPages(app, shop.merchant));
});
