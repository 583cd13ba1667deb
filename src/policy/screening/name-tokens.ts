// Names as tokens of plain letters, so that spelling, script, order and titles do not hide anybody.
import anyAscii from 'any-ascii';
import type { EntityType } from './entry.ts';

export type NameToken = {
  /** Lower-case letters and digits. */
  readonly text: string;
  /** A particle or legal form: it tells little about who is meant. */
  readonly isWeak: boolean;
};

const tokensMax = 30;
const tokenLettersMax = 30;

/** Titles of persons, left out where anything else remains. */
const honorifics = wordSet(
  'mr mrs ms miss dr prof professor sir lord lady dame hon rev sheikh shaykh sheik shaikh hajji' +
    ' haji hajj hadji mullah mulla maulavi mawlawi maulawi molvi maulana mawlana sayyid sayed' +
    ' general gen colonel col captain capt major lieutenant commander admiral brigadier jr sr',
);

const particles = wordSet(
  'al el ul ur as ad an bin ben ibn bint ould wld abu abou umm de del da di do dos das la le les' +
    ' los las van von der den ter zu y e i and und et the of for und',
);

/** Legal forms and their long forms, as one word each. */
const legalForms: ReadonlyMap<string, string> = new Map([
  ...(
    'ltd co sa sl srl spa gmbh ag kg bv nv ab as oy llc llp lp plc inc corp pjsc ojsc jsc ooo' +
    ' oao zao pao ao cv de sas sarl pte pty sdn bhd fze fzc fzco dmcc ltda cia eirl ood ead pvt'
  )
    .split(' ')
    .map((form): [string, string] => [form, form]),
  ['company', 'co'],
  ['corporation', 'corp'],
  ['incorporated', 'inc'],
  ['limited', 'ltd'],
  ['compania', 'cia'],
  ['limitada', 'ltda'],
  ['private', 'pvt'],
]);

export function nameTokens(name: string, entityType: EntityType): NameToken[] {
  const words = plainWords(name);
  const isPerson = entityType === 'person';
  const tokens = isPerson ? personTokens(words) : thingTokens(words);
  return tokens.slice(0, tokensMax);
}

/** Words of ASCII letters and digits, in lower case; apostrophes join what they stand between. */
function plainWords(name: string): string[] {
  const isIdeographic = /[\p{Script=Han}\p{Script=Hangul}]/u.test(name);
  const latin = anyAscii(name.normalize('NFKC'));
  // Chinese and Korean arrive as `JinZhengEn`, one capital per character.
  const spaced = isIdeographic ? latin.replace(/(?<=[a-z])(?=[A-Z])/g, ' ') : latin;
  const words = spaced
    .toLowerCase()
    .replace(/['`"]/g, '')
    .split(/[^a-z0-9]+/);
  return words.filter((word) => word !== '').map((word) => word.slice(0, tokenLettersMax));
}

function personTokens(words: readonly string[]): NameToken[] {
  const named = words.filter((word) => !honorifics.has(word));
  const all = named.length > 0 ? named : words;
  return servantNames(all).map((text) => ({ text, isWeak: particles.has(text) }));
}

/** `Abd al Rahman`, `Abdel Rahman` and `Abdul Rahman` are one name: `abdul rahman`. */
function servantNames(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const isArticle = /^(?:al|el|ul|ur|ar|as|ad|an|us|ud|oul)$/.test(word);
    if (isArticle && joined.at(-1) === 'abd') joined[joined.length - 1] = 'abdul';
    else joined.push(/^abd[aeou]l$|^abdoul$|^abdool$/.test(word) ? 'abdul' : word);
  }
  return joined;
}

function thingTokens(words: readonly string[]): NameToken[] {
  return initialsJoined(words).map((word) => {
    const form = legalForms.get(word);
    return { text: form ?? word, isWeak: form !== undefined || particles.has(word) };
  });
}

/** `S. A.` is `sa`. */
function initialsJoined(words: readonly string[]): string[] {
  const joined: string[] = [];
  let isRun = false;
  for (const word of words) {
    const isInitial = /^[a-z]$/.test(word);
    if (isInitial && isRun) joined[joined.length - 1] += word;
    else joined.push(word);
    isRun = isInitial;
  }
  return joined;
}

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}
