import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Playwright's global set-up: makes the folder of a run, and returns the function that removes it after the last test. */
export default function makeRunFolder(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'marigold-end2end-'));
  process.env.END2END_FOLDER = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The folder of this run, with the recorded secrets, and the database and log of each server. */
export function runFolder(): string {
  const { END2END_FOLDER } = process.env;
  if (!END2END_FOLDER) throw new Error('END2END_FOLDER is set by the global set-up, which has not run');
  return END2END_FOLDER;
}
