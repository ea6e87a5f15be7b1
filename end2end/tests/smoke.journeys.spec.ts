import { createAccount, createAccountAndSignIn, MUG } from '../support/arrange';
import { newPhone } from '../support/people';
import { remember } from '../support/secrets';
import { expect, test } from '../support/test';

/** Each flow that a code protects, from its first page to its last, with the right code. */
test.describe('with the right code', { tag: '@smoke' }, () => {
  test('a new customer registers', async ({ app }) => {
    const { person, phoneOf, register, codeScreen, signIn } = app;
    await register.begin(person);
    await codeScreen.answer(await phoneOf(person.phone).code('phone'));
    await signIn.isDone();
  });

  test('a customer signs in and out', async ({ app }) => {
    const { person, phoneOf, signIn, codeScreen, account } = app;
    await createAccount(app);
    await signIn.begin(person.email, person.password);
    await codeScreen.answer(await phoneOf(person.phone).code('login'));
    await signIn.isDone();
    await account.signOut();
  });

  test('a new password ends every session, and the next sign-in asks for a code', async ({ page, app }) => {
    const { person, phoneOf, reset, signIn, codeScreen } = app;
    await createAccountAndSignIn(app);
    await reset.begin(person.email);
    await codeScreen.answer(await phoneOf(person.phone).code('reset'));
    const password = `amber ${person.password}`;
    remember('password', password);
    await reset.set(password);
    await page.goto('/account');
    await expect(page).toHaveURL(/\/login/);
    await signIn.begin(person.email, password);
    await codeScreen.answer(await phoneOf(person.phone).code('login'));
    await signIn.isDone();
  });

  test('a customer changes the phone, and the old phone gets a message', async ({ app }) => {
    const { person, phoneOf, account, codeScreen } = app;
    await createAccountAndSignIn(app);
    await account.beginStepUp(person.password);
    await codeScreen.answer(await phoneOf(person.phone).code('step_up'));
    const next = newPhone();
    await account.beginPhoneChange(next);
    await codeScreen.answer(await phoneOf(next).code('phone'));
    await account.isPhoneChanged();
    await account.hasPhone(next);
    await phoneOf(person.phone).receives(/another phone/i);
  });

  test('a customer buys what the confirmation shows', async ({ app }) => {
    const { person, phoneOf, store, checkout, codeScreen } = app;
    await createAccountAndSignIn(app);
    await store.openProduct(MUG.name);
    await store.addToCart();
    await checkout.begin();
    for (const fact of ['Marigold', MUG.name, '€', '12 Fore Street', 'London']) {
      await expect(checkout.summary).toContainText(fact);
    }
    await codeScreen.answer(await phoneOf(person.phone).code('payment'));
    await checkout.isPaid();
  });
});
