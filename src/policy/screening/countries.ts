// Countries by the names under which lists know them.

/** Where a list's name differs from CLDR's; `X, Y` is read as `Y X` before. */
const otherNames: Readonly<Record<string, string>> = {
  bahamas: 'BS',
  burma: 'MM',
  congo: 'CG',
  'cote d ivoire': 'CI',
  'czech republic': 'CZ',
  'democratic people s republic of korea': 'KP',
  'democratic republic of congo': 'CD',
  england: 'GB',
  'china hong kong': 'HK',
  'hong kong': 'HK',
  'ivory coast': 'CI',
  'korea north': 'KP',
  'korea south': 'KR',
  macau: 'MO',
  palestinian: 'PS',
  'region gaza': 'PS',
  'republic of congo': 'CG',
  'republic of korea': 'KR',
  'russian federation': 'RU',
  'state of palestine': 'PS',
  swaziland: 'SZ',
  'syrian arab republic': 'SY',
  turkey: 'TR',
  'united kingdom of great britain and northern ireland': 'GB',
  'united republic of tanzania': 'TZ',
  'united states of america': 'US',
  'viet nam': 'VN',
  'virgin islands british': 'VG',
  'west bank': 'PS',
};
/** Regions of CLDR that are no countries. */
const noCountries = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ']);

/** The ISO 3166-1 alpha-2 code of a country's name or code, or undefined. */
export function countryCode(name: string): string | undefined {
  const text = name.trim();
  if (/^[A-Za-z]{2}$/.test(text)) {
    const code = text.toUpperCase();
    return codes().has(code) ? code : undefined;
  }
  const plain = simplified(text.replace(/\(.*?\)| Special Administrative Region/g, ''));
  const [last = '', first] = text.split(/,\s*/);
  return byName().get(plain) ?? (first === undefined ? undefined : countryCodeOf(first, last));
}

function countryCodeOf(first: string, last: string): string | undefined {
  return byName().get(simplified(`${first} ${last}`)) ?? byName().get(simplified(last));
}

let names: ReadonlyMap<string, string> | undefined;

function byName(): ReadonlyMap<string, string> {
  if (names) return names;
  const english = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const made = new Map<string, string>();
  for (const code of allCodes()) {
    const name = english.of(code);
    if (name !== undefined) made.set(simplified(name), code);
  }
  for (const [name, code] of Object.entries(otherNames)) made.set(name, code);
  names = made;
  return made;
}

function codes(): ReadonlySet<string> {
  return new Set(byName().values());
}

/** Every pair of letters that is no former code; whether it is in use, its name tells. */
function allCodes(): string[] {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !noCountries.has(code) && new Intl.Locale(`und-${code}`).region === code);
}

function simplified(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replace(/[^a-z]+/g, ' ')
    .replace(/\b(?:the|of the)\b/g, (word) => (word === 'the' ? '' : 'of'))
    .replace(/\s+/g, ' ')
    .trim();
}
