import { expect, type APIRequestContext } from '@playwright/test';
import { CONNECTION_RETRIES } from './requests';
import { remember } from './secrets';

/** What the simulator tells about one message. */
export interface Message {
  id: string;
  phone: string;
  channel: string;
  purpose: string;
  language: string;
  text: string;
  code: string | null;
  status: string;
  sent_at: string;
}

/** How soon and how often a phone is asked again, in milliseconds: most messages come at once. */
const INTERVALS = [20, 50, 100, 200];

/** A simulated phone, read as its owner would. */
export class Phone {
  constructor(
    private readonly request: APIRequestContext,
    readonly number: string,
  ) {}

  /** Every message so far, newest first. */
  async messages(): Promise<Message[]> {
    const answer = await this.request.get('/simulator/api/messages', { params: { phone: this.number }, maxRetries: CONNECTION_RETRIES });
    return await answer.json();
  }

  /** Switches trouble with messages to this phone on, or with `none` off. */
  async setFault(fault: string): Promise<void> {
    const data = { phone: this.number, fault };
    const answer = await this.request.post('/simulator/api/faults', { data, maxRetries: CONNECTION_RETRIES });
    expect(answer.ok(), `fault ${fault}`).toBe(true);
  }

  /** The messages with a code of this purpose, newest first. */
  async codes(purpose: string): Promise<string[]> {
    const messages = await this.messages();
    const codes = messages.filter(message => message.purpose === purpose && message.code);
    return codes.map(message => message.code ?? '');
  }

  /** Waits until so many codes of this purpose have come, and reads the newest. */
  async code(purpose: string, count = 1): Promise<string> {
    let codes: string[] = [];
    const arrived = async () => (codes = await this.codes(purpose)).length;
    await expect.poll(arrived, { message: `codes for ${purpose}`, intervals: INTERVALS }).toBe(count);
    const [newest = ''] = codes;
    remember('code', newest);
    return newest;
  }

  /** Waits for a message that says this. */
  async hears(text: RegExp): Promise<void> {
    const texts = async () => (await this.messages()).map(message => message.text).join('\n');
    await expect.poll(texts, { intervals: INTERVALS }).toMatch(text);
  }
}

/** A code that is surely not this one; `step` gives different ones. */
export function wrong(code: string, step = 1): string {
  const other = String((Number(code) + step) % 1_000_000).padStart(6, '0');
  remember('code', other);
  return other;
}
