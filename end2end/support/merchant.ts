import type { App } from './app';
import type { Shop } from './server';

/** Signs the merchant in. The tests of a worker share its shop, so the codes of earlier tests are counted first. */
export async function signInMerchant({ signIn, codeScreen, phoneOf }: App, merchant: Shop['merchant']): Promise<void> {
  const phone = phoneOf(merchant.phone);
  const earlier = (await phone.codes('login')).length;
  await signIn.begin(merchant.email, merchant.password);
  await codeScreen.answer(await phone.code('login', earlier + 1));
  await signIn.isDone();
}
