#!/usr/bin/env bash
# Chromium 153: an e-mail field changes ada@faß.example to ada@fass.example, which is another
# domain, while the address bar and URL keep faß.example apart.
#
# One would expect the field to submit ada@xn--fa-hia.example: Chromium's own URL parser has told
# the two domains apart since UTS 46 ended its transition, and so do DNS and mail programs.
# What happens: the field converts the domain by the old, transitional rules. The value, and what
# the form submits, is the address of somebody at another domain. Letters with one form, such as in
# bücher.example, are converted as expected, and so is the part before the @: not at all.
# A shop sees only the changed address, so it cannot undo this. It must not "repair" fass to faß.
#
# Seen on 2026-11-28, with @sparticuz/chromium 153.0.0 and playwright-core 1.56.0 of npm.
# Source: Unicode UTS 46 §4 "Transitional processing"; HTML, "E-mail state (type=email)".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @sparticuz/chromium@153.0.0 playwright-core@1.56.0
cat >probe.mjs <<'JS'
import chromium from '@sparticuz/chromium';
import { chromium as playwright } from 'playwright-core';

const browser = await playwright.launch({
  executablePath: await chromium.executablePath(),
  args: [...chromium.args, '--no-sandbox'],
});
console.log(`Chromium ${browser.version().split('.')[0]}`);
const page = await browser.newPage();
await page.setContent('<form><input type="email" name="email" id="e"></form>');
for (const typed of ['ada@bücher.example', 'ada@faß.example', 'josé@example.com']) {
  await page.locator('#e').fill('');
  await page.locator('#e').pressSequentially(typed);
  console.log(typed, await page.evaluate(() => new FormData(document.forms[0]).get('email')));
}
console.log('URL', await page.evaluate(() => new URL('https://faß.example').host));
await browser.close();
JS
node probe.mjs | tee found
diff found - <<'EXPECTED'
Chromium 153
ada@bücher.example ada@xn--bcher-kva.example
ada@faß.example ada@fass.example
josé@example.com josé@example.com
URL xn--fa-hia.example
EXPECTED
echo 'unchanged'
