import { expect, type APIRequestContext } from '@playwright/test';
import { CONNECTION_RETRIES } from './requests';
import { remember } from './secrets';

/** A message, as the simulator describes it. */
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

/** The polling intervals, in milliseconds. They begin small, because most messages come at once. */
const POLL_INTERVALS = [20, 50, 100, 200];

/** A simulated phone. */
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

  /** Sets the fault of messages to this phone; `none` ends it. */
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

  /** Waits until `count` codes of this purpose have come, and returns the newest. */
  async code(purpose: string, count = 1): Promise<string> {
    let codes: string[] = [];
    const arrived = async () => (codes = await this.codes(purpose)).length;
    await expect.poll(arrived, { message: `codes for ${purpose}`, intervals: POLL_INTERVALS }).toBe(count);
    const [newest = ''] = codes;
    remember('code', newest);
    return newest;
  }

  /** Waits for a message with this text. */
  async receives(text: RegExp): Promise<void> {
    const texts = async () => (await this.messages()).map(message => message.text).join('\n');
    await expect.poll(texts, { intervals: POLL_INTERVALS }).toMatch(text);
  }
}

/** A code that differs from this one; each `step` gives another. */
export function wrong(code: string, step = 1): string {
  const other = String((Number(code) + step) % 1_000_000).padStart(6, '0');
  remember('code', other);
  return other;
}
