import { seriousOn } from '../support/axe';
import { expect, testInOwnShop as test } from '../support/test';

const PAGES = [
  '/merchant', '/merchant/orders', '/merchant/products', '/merchant/messages', '/merchant/messaging', '/merchant/accounts',
];

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`the merchant's pages in ${colorScheme} colours`, () => {
    test.use({ colorScheme });

    test('have nothing serious for axe, and fit a small phone', async ({ page, shop, world }) => {
      test.slow();
      const { email, password, phone } = shop.merchant;
      await world.signIn.begin(email, password);
      await world.codeScreen.answer(await world.phoneOf(phone).code('login'));
      await world.signIn.isDone();
      for (const path of PAGES) {
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.goto(path);
        await expect(page.getByRole('navigation', { name: 'Merchant' })).toBeVisible();
        expect.soft(await seriousOn(page), `on ${path}`).toEqual([]);
        await page.setViewportSize({ width: 360, height: 740 });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect.soft(width, `width of ${path}`).toBeLessThanOrEqual(360);
      }
    });
  });
}
