import { join } from '../support/journeys';
import { expect, test } from '../support/test';
import { TOURS } from '../support/tour';

for (const tour of TOURS) {
  test(`nothing of ${tour.name} is wider than a small phone`, { tag: '@small' }, async ({ page, world }) => {
    test.slow();
    await join(world);
    for await (const name of tour.walk(world)) {
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(width, `width of ${name}`).toBeLessThanOrEqual(360);
    }
  });
}
