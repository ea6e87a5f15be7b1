// The official clients and verifiers for Node. `judge.py` runs one command at a time, with the
// emulator's address and settings on the standard input, and reads the result as JSON.
import { readFileSync } from 'node:fs';
import { WhatsAppClient } from '@kapso/whatsapp-cloud-api';
import { normalizeWebhook, verifySignature } from '@kapso/whatsapp-cloud-api/server';
import twilio from 'twilio';
import { WhatsAppAPI } from 'whatsapp-api-js';
import { Template } from 'whatsapp-api-js/messages';

const { url, settings, shop, value } = JSON.parse(readFileSync(0, 'utf8'));
const [to, code, template] = ['+447700900111', '123456', 'judged_login_code'];
const { subtle } = globalThis.crypto;

/** Sends the requests for any host of Twilio to the emulator. */
class Local extends twilio.RequestClient {
  request(options) {
    return super.request({ ...options, uri: url + new URL(options.uri).pathname });
  }
}

const whatsapp = () =>
  new WhatsAppAPI({
    token: settings.META_ACCESS_TOKEN,
    appSecret: settings.META_APP_SECRET,
    v: 'v26.0',
    ponyfill: {
      fetch: (address, options) => fetch(String(address).replace('https://graph.facebook.com', url), options),
      subtle,
    },
  });
const kapso = () => new WhatsAppClient({ accessToken: settings.META_ACCESS_TOKEN, baseUrl: url, graphVersion: 'v26.0' });
const client = () =>
  twilio(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, { httpClient: new Local() });

const commands = {
  async 'whatsapp-api-js'() {
    const message = Template.OTP(template, 'en', code);
    const answer = await whatsapp().sendMessage(settings.META_PHONE_NUMBER_ID, to, message);
    if (!answer.messages) throw new Error(JSON.stringify(answer));
    return answer.messages[0].message_status;
  },
  async 'whatsapp-api-js-verify'() {
    return whatsapp().verifyRequestSignature(value.body, value.headers['x-hub-signature-256']);
  },
  async kapso() {
    const parameters = [{ type: 'text', text: code }];
    const answer = await kapso().messages.sendTemplate({
      phoneNumberId: settings.META_PHONE_NUMBER_ID,
      to,
      template: {
        name: template,
        language: { code: 'en' },
        components: [
          { type: 'body', parameters },
          { type: 'button', subType: 'url', index: 0, parameters },
        ],
      },
    });
    return answer.messages[0].id;
  },
  async 'kapso-templates'() {
    const listed = await kapso().templates.list({ businessAccountId: settings.META_WABA_ID });
    return listed.data.map((each) => each.name).join();
  },
  async 'kapso-verify'() {
    const signatureHeader = value.headers['x-hub-signature-256'];
    const isValid = verifySignature({ appSecret: settings.META_APP_SECRET, rawBody: value.body, signatureHeader });
    // A second reading of the payload: it must be understood, not only signed.
    if (isValid) normalizeWebhook(JSON.parse(value.body));
    return isValid;
  },
  async twilio() {
    const message = await client().messages.create({
      to: `whatsapp:${to}`,
      from: settings.TWILIO_FROM,
      contentSid: value.content,
      contentVariables: JSON.stringify({ 1: code }),
      statusCallback: `${shop}/webhooks/twilio?reference=8`,
    });
    return message.status;
  },
  async 'twilio-verify'() {
    const service = client().verify.v2.services(settings.TWILIO_VERIFY_SERVICE_SID);
    const sent = await service.verifications.create({ to, channel: 'sms', customCode: code });
    const ended = await service.verifications(sent.sid).update({ status: 'approved' });
    return ended.status;
  },
  async 'twilio-verify-webhook'() {
    const { headers, secret, body } = value;
    const algorithm = twilio.getSignatureAlgorithm(headers['x-twilio-webhooks-signature-settings']);
    const form = Object.fromEntries(new URLSearchParams(body));
    return twilio.validateRequest(secret, headers['x-twilio-signature'], value.url, form, algorithm);
  },
};

console.log(JSON.stringify((await commands[process.argv[2]]()) ?? null));
