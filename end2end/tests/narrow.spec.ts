import { join } from '../support/journeys';
import { expect, test } from '../support/test';
import { everyPage } from '../support/tour';

test('nothing is wider than a small phone', { tag: '@small' }, async ({ page, world }) => {
  await join(world);
  for await (const name of everyPage(world)) {
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(width, `width of ${name}`).toBeLessThanOrEqual(360);
  }
});
