import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { remember } from './secrets';

/** Somebody who shops: what they type into the registration form. */
export interface Person {
  name: string;
  email: string;
  phone: string;
  password: string;
}

/** Area codes of North America; each has 555 0100 to 0199 for fiction. */
const AREAS = [
  212, 213, 202, 206, 214, 215, 216, 303, 305, 312, 313, 314, 404, 408, 412, 415, 416, 503, 504, 512,
  514, 602, 604, 612, 615, 617, 619, 702, 713, 718, 720, 801, 808, 813, 816, 907, 916, 919, 972, 514,
];

/** A number that nobody else in this run gets, in whichever worker they are. */
function claim(): number {
  const folder = join(process.env.END2END_FOLDER ?? '', 'claimed');
  mkdirSync(folder, { recursive: true });
  for (let number = 0; ; number += 1) {
    try {
      mkdirSync(join(folder, String(number)));
      return number;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** A phone number reserved for fiction, and of this caller alone. */
export function newPhone(): string {
  const number = claim();
  const phone =
    number < 700
      ? `+447700900${300 + number}`
      : `+1${AREAS[Math.floor((number - 700) / 100)]}55501${String((number - 700) % 100).padStart(2, '0')}`;
  remember('phone', phone);
  return phone;
}

/** Somebody new, with a phone and a password of their own. */
export function newPerson(): Person {
  const mark = randomUUID().slice(0, 8);
  const password = `violet kettle ${mark} harbour`;
  remember('password', password);
  return { name: 'Robin Fore', email: `robin.${mark}@example.com`, phone: newPhone(), password };
}

let visitors = 0;

/** An address of the documentation range that this test alone comes from. */
export function newAddress(worker: number): string {
  visitors += 1;
  return `2001:db8:${worker.toString(16)}:${visitors.toString(16)}::1`;
}
