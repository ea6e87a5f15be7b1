import { expect, type APIRequestContext } from '@playwright/test';
import { remember } from './secrets';

/**
 * The server closes a connection that was idle for ten seconds, perhaps at the moment when
 * it is used again. A browser then sends the request again; this client does so with retries.
 */
export const CONNECTION_RETRIES = 2;

/**
 * Posts a form as an island does, so the answer is a status and not a redirect. The page of a
 * form comes first, because it gives the browser the secret without which no code is sent.
 */
export async function postForm(
  request: APIRequestContext,
  path: string,
  form: Record<string, string> = {},
): Promise<void> {
  const { cookies } = await request.storageState();
  if (!cookies.some(({ name }) => name.endsWith('marigold-browser'))) {
    noteCookies((await request.get('/login', { maxRetries: CONNECTION_RETRIES })).headersArray());
  }
  const headers = { 'sec-fetch-site': 'same-origin' };
  const answer = await request.post(path, { form, headers, maxRetries: CONNECTION_RETRIES });
  noteCookies(answer.headersArray());
  await expect(answer, path).toBeOK();
}

/** Records the cookies of an answer, because a session gets a new one at every step. */
export function noteCookies(headers: { name: string; value: string }[]): void {
  for (const { name, value } of headers) {
    const cookie = value.slice(value.indexOf('=') + 1).split(';')[0] ?? '';
    if (name.toLowerCase() === 'set-cookie' && cookie !== '') remember('cookie', cookie);
  }
}
