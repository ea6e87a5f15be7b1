import { seriousOn } from '../support/axe';
import { join } from '../support/journeys';
import { expect, test } from '../support/test';
import { TOURS } from '../support/tour';

for (const tour of TOURS) {
  test(`axe finds nothing serious on any page of ${tour.name}`, async ({ page, world }) => {
    test.setTimeout(600_000);
    await join(world);
    for await (const name of tour.walk(world)) {
      expect.soft(await seriousOn(page), `on ${name}`).toEqual([]);
    }
  });
}
