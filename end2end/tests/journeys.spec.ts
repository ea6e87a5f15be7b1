import { COUNTDOWN } from '../pages/code-screen';
import { JOURNEYS } from '../support/journeys';
import { wrong } from '../support/phone';
import { expect, test } from '../support/test';

for (const journey of JOURNEYS) {
  test.describe(journey.name, () => {
    test('a wrong code is refused, and the right one still counts', async ({ world }) => {
      const pending = await journey.begin(world);
      const code = await pending.phone.code(pending.purpose);
      await world.codeScreen.isRefused(wrong(code), COUNTDOWN[0]);
      await world.codeScreen.answer(`${code.slice(0, 3)} ${code.slice(3)}`);
      await pending.isGranted();
    });

    test('five wrong codes end the challenge, even for the right code', async ({ page, world }) => {
      const pending = await journey.begin(world);
      const other = await page.context().newPage();
      await other.goto(page.url());
      const code = await pending.phone.code(pending.purpose);
      for (const [step, words] of COUNTDOWN.entries()) {
        await world.codeScreen.isRefused(wrong(code, step + 1), words);
      }
      await expect(world.codeScreen.field).toBeHidden();
      await world.codeScreenOn(other).isRefused(code);
      await pending.isNotGranted();
    });

    test('a code works once', async ({ page, world }) => {
      const pending = await journey.begin(world);
      const other = await page.context().newPage();
      await other.goto(page.url());
      const code = await pending.phone.code(pending.purpose);
      await world.codeScreen.answer(code);
      await pending.isGranted();
      const replay = world.codeScreenOn(other);
      await replay.answer(code);
      if (journey.replays) await journey.replays(other);
      else await expect(replay.alert).toContainText(/wrong|start again/i);
    });

    test('a resent code is the same code', async ({ page, shop, world }) => {
      const pending = await journey.begin(world);
      const code = await pending.phone.code(pending.purpose);
      await shop.advance(61);
      await page.reload();
      await world.codeScreen.sendAgain();
      expect(await pending.phone.code(pending.purpose, 2)).toBe(code);
      await world.codeScreen.answer(code);
      await pending.isGranted();
    });

    test('an expired code is refused', async ({ shop, world }) => {
      const pending = await journey.begin(world);
      const code = await pending.phone.code(pending.purpose);
      await shop.advance(journey.seconds);
      await world.codeScreen.isRefused(code);
      await pending.isNotGranted();
    });
  });
}
