import AxeBuilder from '@axe-core/playwright';
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
        const { violations } = await new AxeBuilder({ page }).analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        const told = serious.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join(', ')}`);
        expect.soft(told, `on ${name}`).toEqual([]);
      }
    });
  });
}
