import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Playwright's global set-up: makes the folder of a run, and returns what removes it after the last test. */
export default function makeRunFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'marigold-end2end-'));
  process.env.END2END_FOLDER = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** What a run leaves until it ends: the secrets it used, and the database and log of each server. */
export function runFolder(): string {
  const { END2END_FOLDER } = process.env;
  if (!END2END_FOLDER) throw new Error('END2END_FOLDER is set by the global set-up, which has not run');
  return END2END_FOLDER;
}
