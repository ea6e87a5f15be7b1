import { Keyboard } from '../support/keyboard';
import { expect, test } from '../support/test';

test('somebody without a mouse opens an account and buys', async ({ page, world }) => {
  const { person, phoneOf, checkout, codeScreen } = world;
  const keyboard = new Keyboard(page);
  const main = page.getByRole('main');
  const button = (name: string) => main.getByRole('button', { name, exact: true });

  await page.goto('/');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();

  await page.goto('/register');
  await keyboard.type(main.getByRole('textbox', { name: /name/i }), person.name);
  await keyboard.type(main.getByRole('textbox', { name: /e-?mail/i }), person.email);
  await keyboard.type(main.getByRole('textbox', { name: /phone|mobile/i }), person.phone);
  await keyboard.type(main.getByLabel(/password/i), person.password);
  await page.keyboard.press('Enter');
  await keyboard.type(codeScreen.field, await phoneOf(person.phone).code('phone'));
  await page.keyboard.press('Enter');
  await world.signIn.isDone();

  await page.goto('/products?q=mug');
  await keyboard.enter(main.getByRole('listitem').getByRole('link').first());
  await keyboard.enter(button('Add to cart'));
  await keyboard.enter(page.getByRole('link', { name: /items: 1/ }));
  await keyboard.enter(button('Increase quantity'));
  await keyboard.enter(page.getByRole('link', { name: /items: 2/ }));
  await keyboard.enter(main.getByRole('link', { name: 'Check out' }));

  await keyboard.type(main.getByRole('textbox', { name: 'Street and number' }), '12 Fore Street');
  await keyboard.type(main.getByRole('textbox', { name: 'Postal code' }), 'EC2Y 5EJ');
  await keyboard.type(main.getByRole('textbox', { name: 'Town' }), 'London');
  await keyboard.type(main.getByRole('combobox', { name: 'Country' }), 'United K');
  await keyboard.enter(button('Continue to shipping'));
  await keyboard.enter(button('Continue to payment'));
  await keyboard.enter(button('Continue to review'));
  await keyboard.enter(button('Place order'));

  await keyboard.type(codeScreen.field, await phoneOf(person.phone).code('payment'));
  await page.keyboard.press('Enter');
  await checkout.isPaid();
});
