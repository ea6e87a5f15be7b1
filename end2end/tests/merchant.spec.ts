import { seriousOn } from '../support/axe';
import { expect, testInOwnShop as test } from '../support/test';

const PAGES = [
  '/merchant', '/merchant/orders', '/merchant/products', '/merchant/messages', '/merchant/messaging',
  '/merchant/accounts', '/merchant/accounts?email=shopper@example.com',
];

test("axe finds nothing serious on the merchant's pages, and they fit a small phone", async ({ page, shop, world }) => {
  test.setTimeout(600_000);
  const { email, password, phone } = shop.merchant;
  const { store, checkout, codeScreen, signIn, phoneOf } = world;
  await signIn.begin(email, password);
  await codeScreen.answer(await phoneOf(phone).code('login'));
  await signIn.isDone();
  await store.openProduct('mug');
  await store.addToCart();
  await checkout.begin();
  await codeScreen.answer(await phoneOf(phone).code('payment'));
  await checkout.isPaid();

  const looksWell = async (name: string) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await expect(page.getByRole('navigation', { name: 'Merchant' })).toBeVisible();
    expect.soft(await seriousOn(page), `on ${name}`).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    // The page hears of its new size a moment later.
    await expect.poll(() => page.evaluate(() => window.innerWidth)).toBe(360);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect.soft(width, `width of ${name}`).toBeLessThanOrEqual(360);
  };
  for (const path of PAGES) {
    await page.goto(path);
    await looksWell(path);
  }
  await page.goto('/merchant/orders');
  await page.getByRole('rowheader').getByRole('link').first().click();
  await expect(page.getByRole('button', { name: 'Mark shipped' })).toBeVisible();
  await looksWell('an order that is paid');
  await page.getByRole('button', { name: 'Mark shipped' }).click();
  await expect(page.getByText('Shipped', { exact: true })).toBeVisible();
  await looksWell('an order that is shipped');
});
