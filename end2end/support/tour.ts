import type { World } from './journeys';

/** Pages that anybody, or anybody signed in, can simply open. */
const PLAIN = [
  '/', '/products', '/products?q=mug', '/products?q=no-such-thing', '/cart', '/login', '/register', '/reset',
  '/account', '/account/orders', '/account/security', '/account/phone', '/no-such-page', '/simulator',
];

/** Visits every page as somebody signed in, and names each when it stands there. */
export async function* everyPage(world: World): AsyncGenerator<string> {
  const { page, person, store, checkout, codeScreen, phoneOf, account, signIn, reset, register } = world;
  for (const path of PLAIN) {
    await page.goto(path);
    yield path;
  }
  await page.goto(`/simulator/${encodeURIComponent(person.phone)}`);
  yield 'the simulated phone';
  await store.openProduct('mug');
  yield 'a product';
  await store.addToCart();
  await page.goto('/cart');
  yield 'a cart';
  yield* checkout.steps();
  await checkout.place();
  yield 'the payment code';
  await codeScreen.answer(await phoneOf(person.phone).code('payment'));
  await checkout.isPaid();
  yield 'the receipt';
  await account.signOut();
  await page.goto('/login');
  yield 'signing in';
  await signIn.begin(person.email, person.password);
  yield 'the sign-in code';
  await reset.begin(person.email);
  yield 'the reset code';
  await register.begin({ ...person, email: `another.${person.email}` });
  yield 'the registration code';
}
