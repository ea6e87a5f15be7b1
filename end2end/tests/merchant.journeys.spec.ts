import { MerchantProducts } from '../pages/merchant';
import { MUG } from '../support/arrange';
import { signInMerchant } from '../support/merchant';
import { expect, test } from '../support/test';

test('a stock saved from an older page is refused with both values, and pieces are added to the stock of now', async ({
  page,
  shop,
  app,
}) => {
  await signInMerchant(app, shop.merchant);
  const older = new MerchantProducts(page);
  const newer = new MerchantProducts(await page.context().newPage());
  await older.open();
  await newer.open();
  await newer.stockOf(MUG.name).fill('7');
  await newer.saveStock(MUG.name);
  await expect(newer.stockOf(MUG.name)).toHaveValue('7');

  await older.stockOf(MUG.name).fill('30');
  await older.saveStock(MUG.name);
  await older.isRefusedBecause('and is 7 now');
  await expect(older.stockOf(MUG.name)).toHaveValue('30');
  await newer.addPieces(MUG.name, '+5');
  await expect(newer.stockOf(MUG.name)).toHaveValue('12');
  await older.saveStock(MUG.name);
  await older.isRefusedBecause('was 7 when this page was loaded, and is 12 now');
  await older.saveStock(MUG.name);
  await expect(older.stockOf(MUG.name)).toHaveValue('30');
});
