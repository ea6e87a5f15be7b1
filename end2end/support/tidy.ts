import { rmSync } from 'node:fs';

/** Takes away the database and the log of the shop that was tested. */
export default function tidy(): void {
  const folder = process.env.END2END_FOLDER;
  if (folder) rmSync(folder, { recursive: true, force: true });
}
