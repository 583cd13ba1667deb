// How well texts are masked: what is removed of personal values, and what is kept of other words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '#core';
import { ibanRemainder, passesLuhn } from './checksums.ts';
import type { FieldClass } from './classes.ts';
import { detect } from './detect.ts';
import { guessPersons } from './guess.ts';
import { knownValues } from './known.ts';
import { mask } from './mask.ts';

const textsEach = 40;

/** `{class}` stands where a value goes. */
const templates = `
Please charge {pan} for the balance of 1,250.00 EUR by Friday.
My card {pan} was declined twice at the terminal, error 51.
The IBAN is {iban} and the reference is RF18539007547034.
Überweisung an {iban} über 99,95 EUR, Verwendungszweck Rechnung 2026-118.
Virement de 300 € vers {iban} le 5 janvier, merci.
Customer writes from {email}, wants a call at {phone} after 5 pm.
Rufen Sie mich bitte unter {phone} an, am besten nach 17 Uhr.
New phone {phone}; old one was lost on 2026-03-14.
Contact {email} about case 48213, amount 17.80, opened 3 days ago.
SSN {national_id} was given over the phone, 2 attempts.
Refund to card ending 4242 was sent; the full number is {pan}.
Born on {date_of_birth}, customer since 2011, segment retail.
date of birth: {date_of_birth}, status active, risk low
Login from {ip_address} at 09:14:22, then from {ip_address}, blocked.
{"card":"{pan}","amount":1999,"currency":"EUR","iban":"{iban}"}
to={email}&amount=25.00&card={pan}
トラブル: カード {pan} が使えません。メールは {email} です。
卡号 {pan} 无法付款, 邮箱 {email}, 金额 300 元。
بطاقتي {pan} لا تعمل والبريد {email} شكرا
Мой счёт {iban}, телефон {phone}, сумма 1500 руб.
`;

const personTemplates = `
Dear {name},\\nyour transfer of 200.00 EUR was rejected. Please call us on weekdays.
My name is {name} and I live at {address}. I want to close my account.
Hello, this is {name}, I did not receive the new debit card yet.
Mr {name} asked for a copy of the March statement.
Account holder: {name}, Address: {address}, Product: Savings Plus
Please send the replacement to {address} before Monday.
I moved from {address} to {address} last week.
Kind regards,\\n{name}
Payment to {name} was blocked by the screening desk.
Beneficiary: {name}; amount 1,000.00 USD; purpose Invoice 4711
`;

/** Nothing in them is anybody's. */
const plainTexts = `
The merchant Corner Coffee charged 4.50 EUR on 2026-02-11 at 08:31:05, terminal 00012345.
Transfer trf_01j9zq4k7m8n5p6r7s8t9v0w1x of 1,000,000.00 USD settled on 5 March 2026 via Fedwire.
Decision deny by rule velocity-24h: 12 payments in 3600 seconds, limit 10, score 873 of 1000.
Dear Customer, thanks for your patience. Please note that Visa and Mastercard are accepted.
This is Monday's Report on Card Disputes: 3 open, 17 closed, 98.5 % within 10 days.
Das Konto wurde am 01.04.2026 eröffnet; der Zinssatz beträgt 2,25 % und die Laufzeit 36 Monate.
Le virement instantané coûte 0,50 € et arrive en 10 secondes, même le Dimanche.
Error 500 after 30000 ms in step 4 of 7, retried 3 times, build 2026.11.22, commit 9f2c1ab7.
Policy payment-authorization version 12 allows up to 15000.00 EUR per day and 50 per hour.
Order 021000021 and invoice 2026-000184 were matched to statement line 77 of 2026-01-31.
Exchange 1 EUR = 1.0834 USD at 16:00 Central European Time, spread 25 basis points.
I am Happy With The Service, thank you for helping me with Apple Pay on my phone.
お客様の残高は 12,500 円です。手数料は 330 円です。
您的余额为 8,300.50 元，请在工作日联系客服。
Баланс счёта 12 500,00 руб., комиссия 1,5 процента за перевод в другой банк.
Ledger journal 48 has 2 entries; debit 120.00, credit 120.00, value date 2026-05-02.
Street lighting invoice for the City Council, 12 Months Plan, Road Tax included.
The main street branch opens at 9 and closes at 5, and the way to the bank takes 10 minutes.
`;

const first =
  `Ann|José|Zoë|Jürgen|Siobhán|Łukasz|Olga|Mohammed|Priya|Chen|Aiko|Fatima|Nikos|Björn`.split('|');
const last = [
  ...['Lee', 'García', "O'Brien", 'Müller', 'van der Berg', 'Nowak', 'Petrova', 'Al-Masri'],
  ...['Sharma', 'Wei', 'Tanaka', 'Öztürk', 'Smith-Jones', 'de Souza'],
];
const streets = [
  '12 Elm Street, Springfield, IL 62704',
  '221b Baker Street, London NW1 6XE',
  '7 Old Mill Road',
  'Musterstraße 12a, 10115 Berlin',
  'Am Alten Markt 3, 50667 Köln',
  'Lindenweg 4, 8001 Zürich',
  '12 rue de la Paix, 75002 Paris',
  'Calle de Alcalá 45, 28014 Madrid',
  'Via Roma 10, 00184 Roma',
  'Keizersgracht 123, 1015 CJ Amsterdam',
  '4500 North Park Avenue, Apt 12, Denver, CO 80205',
  'P.O. Box 1234',
];

type Slot = { readonly class: FieldClass; readonly start: number; readonly end: number };
type Sample = { readonly text: string; readonly slots: readonly Slot[] };

const random = seededRandom(7);
const below = (count: number) => random.uint32() % count;
const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
const digits = (count: number) => Array.from({ length: count }, () => below(10)).join('');
const inGroups = (text: string, sign: string) => (text.match(/.{1,4}/g) ?? []).join(sign);

/** As people, forms and other machines write numbers. */
const writings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => inGroups(text, ' '),
  (text) => inGroups(text, '-'),
  (text) => inGroups(text, '\u00a0'),
  (text) => inGroups(text, '.'),
  (text) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (text) => text.replace(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit))),
  (text) => inGroups(text, '\u200b'),
];

const makers: Readonly<Partial<Record<FieldClass, () => string>>> = {
  pan: () => {
    const [prefix, length] = pick([
      ['4', 16],
      ['51', 16],
      ['37', 15],
      ['6011', 16],
    ] as const);
    const body = prefix + digits(length - prefix.length - 1);
    return pick(writings)(body + [...'0123456789'].find((check) => passesLuhn(body + check)));
  },
  iban: () => {
    const [country, length] = pick([
      ['DE', 22],
      ['FR', 27],
      ['GB', 22],
      ['NL', 18],
    ] as const);
    const account = digits(length - 4);
    const check = String(98 - ibanRemainder(`${country}00${account}`)).padStart(2, '0');
    const iban = country + check + account;
    return pick(writings)(below(4) === 0 ? iban.toLowerCase() : iban);
  },
  email: () => {
    const name = pick(['ann.lee', 'j.garcia+bank', 'jürgen_77', 'o-brien', 'x1', 'ольга']);
    return `${name}@${pick(['example.com', 'mail.example.co.uk', 'müller.example'])}`;
  },
  phone: () =>
    pick([
      () => `+49 170 ${digits(7)}`,
      () => `+1-415-555-${digits(4)}`,
      () => `(212) 555-${digits(4)}`,
      () => `+44 (0)20 7946 ${digits(4)}`,
      () => `+33 6 ${inGroups(digits(8), ' ')}`,
      () => `+971 50 ${digits(3)} ${digits(4)}`,
    ])(),
  national_id: () => `536-2${1 + below(8)}-${1000 + below(8999)}`,
  date_of_birth: () =>
    pick(['1984-02-29', '29.02.1984', '29 February 1984', 'February 29, 1984', '2/29/1984']),
  ip_address: () => pick([`10.${below(256)}.0.${below(256)}`, '2001:db8::8a2e:370:7334']),
  name: () => `${pick(first)} ${pick(last)}`,
  address: () => pick(streets),
};

function* samples(list: string): Generator<Sample> {
  for (const template of list.trim().split('\n')) {
    for (let count = 0; count < textsEach; count += 1) {
      const slots: Slot[] = [];
      let text = '';
      for (const part of template.replaceAll('\\n', '\n').split(/(\{[a-z_]+\})/)) {
        const fieldClass = part.slice(1, -1) as FieldClass;
        const made = part.startsWith('{') ? makers[fieldClass]?.() : undefined;
        if (made !== undefined) {
          slots.push({ class: fieldClass, start: text.length, end: text.length + made.length });
        }
        text += made ?? part;
      }
      yield { text, slots };
    }
  }
}

type Measured = { values: number; removed: number; words: number; kept: number };

function measure(list: string, said: string[]): Measured {
  const total = { values: 0, removed: 0, words: 0, kept: 0 };
  for (const { text, slots } of samples(list)) {
    const found = detect(text, [guessPersons]);
    const isIn = (at: number) => found.some(({ start, end }) => at >= start && at < end);
    for (const { start, end } of slots) {
      total.values += 1;
      const places = Array.from({ length: end - start }, (_, at) => start + at);
      const isGone = places.every((at) => isIn(at) || !/[\p{L}\p{N}]/u.test(text.charAt(at)));
      if (isGone) total.removed += 1;
      else said.push(`left: ${text.slice(start, end)} in ${text}`);
    }
    for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}]+/gu)) {
      if (slots.some(({ start, end }) => index < end && index + word.length > start)) continue;
      total.words += 1;
      if (!isIn(index) && !isIn(index + word.length - 1)) total.kept += 1;
      else said.push(`taken: ${word} in ${text}`);
    }
  }
  return total;
}

test('of values with a form 98 in 100 are removed, and of other words 995 in 1000 are kept', () => {
  const said: string[] = [];
  const { values, removed, words, kept } = measure(templates, said);
  const plain = measure(plainTexts, said);
  const told = [...new Set(said)].slice(0, 20).join('\n');
  assert.ok(values > 1_000 && removed / values >= 0.99, `${removed} of ${values}\n${told}`);
  const keptShare = (kept + plain.kept) / (words + plain.words);
  assert.ok(keptShare >= 0.997, `${kept + plain.kept} of ${words + plain.words}\n${told}`);
});

test('of names and addresses that the words around them give away, 95 in 100 are removed', () => {
  const said: string[] = [];
  const { values, removed, words, kept } = measure(personTemplates, said);
  const told = [...new Set(said)].slice(0, 20).join('\n');
  assert.ok(removed / values >= 0.95, `${removed} of ${values}\n${told}`);
  assert.ok(kept / words >= 0.995, `${kept} of ${words}\n${told}`);
});

test('what is known of a customer is removed wherever it stands, and masking twice is once', () => {
  for (const { text, slots } of [...samples(templates), ...samples(personTemplates)]) {
    const of = slots.map((slot) => ({
      class: slot.class,
      value: text.slice(slot.start, slot.end),
    }));
    const known = knownValues(of);
    const once = mask(text, known);
    assert.equal(mask(once, known), once);
    for (const { value } of of) assert.ok(!once.includes(value), `${value} in ${once}`);
  }
});
