import { randomUUID } from 'node:crypto';
import { remember } from './secrets';

/** A customer: what they type into the registration form. */
export interface Person {
  name: string;
  email: string;
  phone: string;
  password: string;
}

/** The range reserved for fiction is +44 7700 900000 to 900999; the demo's own phones are below 300. */
let nextPhone = 300;

/** A phone number that no other test of this worker has; other workers have servers of their own. */
export function newPhone(): string {
  if (nextPhone > 999) throw new Error('all phone numbers reserved for fiction are in use');
  const phone = `+447700900${nextPhone}`;
  nextPhone += 1;
  remember('phone', phone);
  return phone;
}

/** A person without an account, with a phone and a password of their own. */
export function newPerson(): Person {
  const mark = randomUUID().slice(0, 8);
  const password = `violet kettle ${mark} harbour`;
  remember('password', password);
  return { name: 'Robin Fore', email: `robin.${mark}@example.com`, phone: newPhone(), password };
}

let clients = 0;

/** An IPv6 address of the documentation range, in a network that no other test of this worker has. */
export function newAddress(): string {
  clients += 1;
  return `2001:db8:0:${clients.toString(16)}::1`;
}
