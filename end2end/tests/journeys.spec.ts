import { COUNTDOWN } from '../pages/code-screen';
import { JOURNEYS } from '../support/journeys';
import { wrong } from '../support/phone';
import { expect, test } from '../support/test';

for (const journey of JOURNEYS) {
  test.describe(journey.name, () => {
    test('a wrong code is refused, and the right one still counts', async ({ app }) => {
      const pending = await journey.begin(app);
      const code = await pending.phone.code(pending.purpose);
      await app.codeScreen.isRefused(wrong(code), COUNTDOWN[0]);
      await app.codeScreen.asksAgain(COUNTDOWN[0]);
      await app.codeScreen.paste(`Marigold: “${code.slice(0, 3)} ${code.slice(3)}”. It is valid for 10 minutes.\n\n@localhost #${code}`);
      await app.codeScreen.submit.click();
      await pending.isGranted();
    });

    test('five wrong codes end the challenge, even for the right code', async ({ page, app }) => {
      const pending = await journey.begin(app);
      const other = await page.context().newPage();
      await other.goto(page.url());
      const code = await pending.phone.code(pending.purpose);
      for (const [step, words] of COUNTDOWN.entries()) {
        await app.codeScreen.isRefused(wrong(code, step + 1), words);
      }
      await expect(app.codeScreen.field).toBeHidden();
      await app.codeScreenOn(other).isRefused(code);
      await pending.isNotGranted();
    });

    test('a code works once', async ({ page, shop, app }) => {
      const pending = await journey.begin(app);
      const other = await page.context().newPage();
      await other.goto(page.url());
      const code = await pending.phone.code(pending.purpose);
      await app.codeScreen.answer(code);
      await pending.isGranted();
      // Half a minute later it is no second click.
      await shop.advance(31);
      const replay = app.codeScreenOn(other);
      await replay.answer(code);
      if (journey.replays) await journey.replays(other);
      else await expect(replay.alert).toContainText(/wrong|start again/i);
    });

    test('a resent code is the same code', async ({ page, shop, app }) => {
      const pending = await journey.begin(app);
      const code = await pending.phone.code(pending.purpose);
      await shop.advance(61);
      await page.reload();
      await app.codeScreen.sendAgain();
      expect(await pending.phone.code(pending.purpose, 2)).toBe(code);
      await app.codeScreen.answer(code);
      await pending.isGranted();
    });

    test('an expired code is refused', async ({ shop, app }) => {
      const pending = await journey.begin(app);
      const code = await pending.phone.code(pending.purpose);
      await shop.advance(journey.seconds);
      await app.codeScreen.isRefused(code);
      await pending.isNotGranted();
    });
  });
}
