import { COUNTDOWN } from '../pages/code-screen';
import { JOURNEYS } from '../support/journeys';
import { wrong } from '../support/phone';
import { expect, test } from '../support/test';

for (const journey of JOURNEYS) {
  test.describe(journey.name, () => {
    test('a wrong code is refused, and the right one still counts', async ({ world }) => {
      const stop = await journey.begin(world);
      const code = await stop.phone.code(stop.purpose);
      await world.codeScreen.isRefused(wrong(code), COUNTDOWN[0]);
      await world.codeScreen.answer(`${code.slice(0, 3)} ${code.slice(3)}`);
      await stop.arrives();
    });

    test('five wrong codes end it, even for the right one', async ({ page, world }) => {
      const stop = await journey.begin(world);
      const other = await page.context().newPage();
      await other.goto(page.url());
      const code = await stop.phone.code(stop.purpose);
      for (const [step, words] of COUNTDOWN.entries()) {
        await world.codeScreen.isRefused(wrong(code, step + 1), words);
      }
      await expect(world.codeScreen.field).toBeHidden();
      await world.codeScreenOn(other).isRefused(code);
      await stop.isBarred();
    });

    test('a code works once', async ({ page, world }) => {
      const stop = await journey.begin(world);
      const other = await page.context().newPage();
      await other.goto(page.url());
      const code = await stop.phone.code(stop.purpose);
      await world.codeScreen.answer(code);
      await stop.arrives();
      const replay = world.codeScreenOn(other);
      await replay.answer(code);
      if (journey.replays) await journey.replays(other);
      else await expect(replay.alert).toContainText(/wrong|start again/i);
    });

    test('a code sent again is the same code', async ({ page, shop, world }) => {
      const stop = await journey.begin(world);
      const code = await stop.phone.code(stop.purpose);
      await shop.advance(61);
      await page.reload();
      await world.codeScreen.sendAgain();
      expect(await stop.phone.code(stop.purpose, 2)).toBe(code);
      await world.codeScreen.answer(code);
      await stop.arrives();
    });

    test('a code is worthless when its time is over', async ({ shop, world }) => {
      const stop = await journey.begin(world);
      const code = await stop.phone.code(stop.purpose);
      await shop.advance(journey.seconds);
      await world.codeScreen.isRefused(code);
      await stop.isBarred();
    });
  });
}
