// Numbers that prove themselves: cards, IBANs, US social security and routing numbers.

const from16to19 = [16, 17, 18, 19];
const from14to19 = [14, 15, ...from16to19];
const from12to19 = [12, 13, ...from14to19];

/** Card schemes by the first four digits (ISO/IEC 7812-1): from, to, lengths. */
const schemes: readonly (readonly [number, number, readonly number[]])[] = [
  [2200, 2204, from16to19], // Mir
  [2221, 2720, [16]], // Mastercard
  [3000, 3059, from14to19], // Diners Club
  [3095, 3095, from14to19],
  [3400, 3499, [15]], // American Express
  [3528, 3589, from16to19], // JCB
  [3600, 3699, from14to19], // Diners Club
  [3700, 3799, [15]], // American Express
  [3800, 3999, from14to19], // Diners Club
  [4000, 4999, [13, 16, 19]], // Visa
  [5000, 5099, from12to19], // Maestro, Elo, RuPay, Verve
  [5100, 5599, [16]], // Mastercard
  [5600, 5899, from12to19], // Maestro
  [6000, 6999, from12to19], // Maestro, Discover, UnionPay, RuPay
  [8100, 8299, from16to19], // UnionPay, RuPay
  [9792, 9792, [16]], // Troy
];

/** Whether digits are a card number: a scheme's prefix and length, and the check digit. */
export function isCardNumber(digits: string): boolean {
  const prefix = Number(digits.slice(0, 4));
  return (
    schemes.some(
      ([from, to, lengths]) => prefix >= from && prefix <= to && lengths.includes(digits.length),
    ) && passesLuhn(digits)
  );
}

/** ISO/IEC 7812-1, annex B. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = digits.length - 1, double = false; at >= 0; at -= 1, double = !double) {
    const digit = digits.charCodeAt(at) - 48;
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

/** The length of an IBAN by its country (SWIFT's IBAN registry). */
export const ibanLengths: ReadonlyMap<string, number> = new Map(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18
  DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23
  IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27
  MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19
  SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Whether letters and digits, without blanks and in capitals, are an IBAN. */
export function isIban(text: string): boolean {
  const isShaped = /^[A-Z]{2}[0-9]{2}[A-Z0-9]+$/.test(text);
  return isShaped && ibanLengths.get(text.slice(0, 2)) === text.length && ibanRemainder(text) === 1;
}

/** ISO 7064, MOD 97-10, over the number that the rearranged letters and digits spell. */
export function ibanRemainder(text: string): number {
  let remainder = 0;
  for (const letter of text.slice(4) + text.slice(0, 4)) {
    const value = Number.parseInt(letter, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}

/** Whether nine digits can be a US social security number: which areas, groups, serials exist. */
export function isSocialSecurityNumber(digits: string): boolean {
  return /^(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}$/.test(digits);
}

/** Whether nine digits can be an ABA routing number: the prefixes in use, and the check digit. */
export function isRoutingNumber(digits: string): boolean {
  if (!/^(?:0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)[0-9]{7}$/.test(digits)) return false;
  const weights = [3, 7, 1];
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    sum += (digits.charCodeAt(at) - 48) * (weights[at % 3] as number);
  }
  return sum % 10 === 0;
}
