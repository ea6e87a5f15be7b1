import type { Page } from '@playwright/test';
import axe, { type RunOptions } from 'axe-core';

declare global {
  interface Window {
    axe: typeof axe;
  }
}

/** The rules whose result depends on the colour scheme: axe-core's category `cat.color`. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/**
 * The serious and critical violations that axe finds on a page, each with its elements. All
 * rules are checked in light colours, and in dark colours those that depend on colour.
 *
 * axe-core runs in the page itself. The wrapper for Playwright would open a second page for
 * each run, to merge the results of frames, and no page of the shop has frames.
 */
export async function seriousOn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return [
    ...(await seriousIn(page, 'light', {})),
    ...(await seriousIn(page, 'dark', { runOnly: COLOUR_RULES })),
  ];
}

async function seriousIn(page: Page, colorScheme: 'light' | 'dark', options: RunOptions): Promise<string[]> {
  // Waits for the end of every animation, so that no colour is measured half-way.
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  const violations = await page.evaluate(async options => {
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    const results = await window.axe.run(document, { ...options, resultTypes: ['violations'] });
    return results.violations.map(({ id, impact, nodes }) => ({ id, impact, targets: nodes.map(({ target }) => target.join(' ')) }));
  }, options);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, targets }) => `${colorScheme}: ${id}: ${targets.join(', ')}`);
}
