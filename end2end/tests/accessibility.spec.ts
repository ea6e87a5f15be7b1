import type { Page } from '@playwright/test';
import { seriousOn } from '../support/axe';
import { join } from '../support/journeys';
import { expect, test, testInOwnShop } from '../support/test';
import { merchantPages, TOURS } from '../support/tour';

/** Axe takes seconds for a page, in light and in dark. */
const LONG = 600_000;

/** Axe has nothing serious to say of any page of a walk. */
async function nothingIsSerious(page: Page, walk: AsyncGenerator<string>): Promise<void> {
  for await (const name of walk) {
    expect.soft(await seriousOn(page), `on ${name}`).toEqual([]);
  }
}

for (const tour of TOURS) {
  test(`axe finds nothing serious on any page of ${tour.name}`, async ({ page, world }) => {
    test.setTimeout(LONG);
    await join(world);
    await nothingIsSerious(page, tour.walk(world));
  });
}

testInOwnShop('axe finds nothing serious on any page of the merchant', async ({ page, shop, world }) => {
  testInOwnShop.setTimeout(LONG);
  await nothingIsSerious(page, merchantPages(world, shop.merchant));
});
