import { seriousOn } from '../support/axe';
import { join } from '../support/journeys';
import { expect, test } from '../support/test';
import { everyPage } from '../support/tour';

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ colorScheme });

    test('axe finds nothing serious on any page', async ({ page, world }) => {
      test.slow();
      await join(world);
      for await (const name of everyPage(world)) {
        expect.soft(await seriousOn(page), `on ${name}`).toEqual([]);
      }
    });
  });
}
