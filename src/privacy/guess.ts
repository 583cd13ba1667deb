// Guesses: names and postal addresses in free text, by the words around them and by their form.
import type { FieldClass } from './classes.ts';
import type { Finding } from './detect.ts';

/**
 * Names and addresses that a text gives away by how it is written. It misses some and now and then
 * takes something else for one: fields with a class and known values come first.
 */
export function* guessPersons(text: string): Generator<Finding> {
  for (const clue of clues) {
    for (const { indices } of text.matchAll(clue.pattern)) {
      const span = indices?.groups?.['it'];
      if (span === undefined) continue;
      const [start, end] = span;
      const length =
        clue.class === 'name' ? lengthOfName(text.slice(start, end), clue) : end - start;
      if (length > 0) yield { class: clue.class, start, end: start + length };
    }
  }
}

/** `it` is what a clue finds, of at least so many words. Each repetition is bounded. */
type Clue = { readonly class: FieldClass; readonly pattern: RegExp; readonly wordsMin: number };

function clueOf(fieldClass: FieldClass, pieces: readonly string[], wordsMin = 1): Clue {
  return { class: fieldClass, pattern: new RegExp(pieces.join(''), 'dgu'), wordsMin };
}
const name = (...pieces: string[]) => clueOf('name', pieces);
const names = (...pieces: string[]) => clueOf('name', pieces, 2);
const address = (...pieces: string[]) => clueOf('address', pieces);

/** A pattern as it is written. */
const p = String.raw;
const words = (list: string) =>
  list
    .trim()
    .split(/\s*\|\s*/)
    .join('|');
const alone = p`(?<![\p{L}\p{N}_])`;
const endOfWord = p`(?![\p{L}\p{N}])`;
const anyOf = (list: string) => `${alone}(?:${list})`;
const inAnyCase = (list: string) => `${alone}(?i:${list})`;
const han = p`\p{Script=Han}`;
const katakana = p`\p{Script=Katakana}`;
const hangul = p`\p{Script=Hangul}`;
const thai = p`\p{Script=Thai}`;

// Names -------------------------------------------------------------------------------------------

const capital = p`(?:\p{Lu}[\p{L}\p{M}'-]{1,30}|\p{Lu}\.)`;
const small = p`(?:\p{Ll}[\p{Ll}\p{M}'-]{1,30})`;
const caseless = p`[\p{Lo}\p{M}]{2,30}`;
const particle = 'van|von|de|del|della|der|den|di|da|dos|du|la|le|el|al|bin|ibn|bint|ter|zu|y|e';
const particles = `(?:(?:${particle})[ ]){0,2}`;
const next = `[ ]{1,2}${particles}(?:al-|d')?${capital}`;

/** As many words as a name in that place has at least and at most. */
function nameOf(from: number, to: number): string {
  const more = `{${from - 1},${to - 1}}`;
  const cased = `${particles}${capital}(?:${next})${more}${endOfWord}`;
  return `(?<it>${cased}|${caseless}(?:[ ]${caseless})${more})`;
}

const titles = words(
  `Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Lady|Lord|Herrn?|Frau|Monsieur|Madame|Mme|Mlle|Señora?|
  Sra?|Signora?|Sig|Dhr|Mevrouw|Mevr|Fru|Senhora?|Bay|г-н|г-жа|господин|госпожа`,
);
const greetings = words(
  `Dear|Hi|Hello|Hey|Hallo|Liebe[rs]?|Beste|Bonjour|Cher|Chère|Hola|Estimad[oa]|Querid[oa]|Ciao|
  Caro|Cara|Gentile|Olá|Drogi|Kære|Уважаемый|Уважаемая|Здравствуйте`,
);
const farewells = words(
  `regards|sincerely|faithfully|thanks|thank you|cheers|signed|grüßen?|gruß|cordialement|saludos|
  atentamente|cordiali saluti|groeten|pozdrawiam|с уважением`,
);
const introductions = words(
  `my name is|name's|named|je m'appelle|mon nom est|mein name ist|ich heiße|me llamo|
  mi nombre es|mi chiamo|meu nome é|chamo-me|меня зовут|mijn naam is|ik heet|jag heter|
  nazywam się|benim adım|με λένε|ονομάζομαι|اسمي|שמי|मेरा नाम`,
);
const says = words(`I am|I'm|this is|speaking with|ich bin|je suis|soy|sono|ik ben|это`);
const roles = words(
  `full name|account holder|card ?holder|holder|customer|client|beneficiary|payee|recipient|
  sender|debtor|creditor|contact|attn|attention|signed by|first name|last name|surname|
  given name|kontoinhaber|empfänger|titulaire|titular|bénéficiaire|destinatario|beneficiario|
  intestatario|получатель|نام|이름|姓名|氏名|名前`,
);
const actors = words(
  `account holder|card ?holder|beneficiary|payee|spoke to|spoke with|on behalf of|called by|
  in the name of|paid to|transfer to|payment to|payment from|lives with|married to`,
);
/** The commonest family names of China, and of Korea. */
const chinese =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈' +
  '姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤';
/** Whose name stands behind them is no person. */
const things = words(
  `merchant|file|user|product|company|host|bank|model|event|policy|shop|store|brand|domain`,
);
const korean = '김이박최정강조윤장임한오서신권황안송전홍';

const nameClues: readonly Clue[] = [
  name(anyOf(titles), p`\.?[ ]{1,2}`, nameOf(1, 3)),
  name(inAnyCase(greetings), ',?[ ]', nameOf(1, 3), p`(?=[ ]{0,2}(?:[,.!;:\n-]|$))`),
  name(
    inAnyCase(farewells),
    p`[,.!]?[ \n]{1,4}-{0,2}[ ]?`,
    nameOf(1, 3),
    p`(?=[ ]{0,2}(?:[,.\n]|$))`,
  ),
  name(inAnyCase(introductions), ':?[ ]{1,2}', nameOf(1, 4)),
  // Written in a hurry, as chats are.
  name(inAnyCase('my name is'), `[ ](?<it>${small}(?:[ ]${small}){0,2})`),
  names(inAnyCase(says), '[ ]', nameOf(2, 4)),
  name(
    inAnyCase(`${roles}|(?<!(?:${things})[ _-])name`),
    p`["']?(?:[ ]name)?["']?[ ]?[:=：][ ]?["']?`,
    nameOf(1, 4),
  ),
  names(inAnyCase(actors), '[ ]', nameOf(2, 4)),
  name(`(?:我叫|我的名字是|我是(?=[${chinese}]))(?<it>${han}{2,4})`),
  name(`(?<it>[${chinese}]${han}{1,2}?)(?=先生|女士|小姐|太太)`),
  name(`(?:私は|私の名前は|名前は)(?<it>[${han}${katakana}ー・ ]{2,12})`),
  name(`(?<it>${han}{2,5})(?=様|さん|氏(?!名))`),
  name(`(?:제 이름은|저는)[ ](?<it>${hangul}{2,4})(?=입니다|이에요|예요|이고)`),
  name(`(?<it>[${korean}]${hangul}{1,2}?)(?=[ ]?(?:님|씨|고객님))`),
  name(`(?:ฉันชื่อ|ผมชื่อ|ดิฉันชื่อ)[ ]?(?<it>${thai}{2,30}(?:[ ]${thai}{2,30})?)`),
];

/** What stands where a name could, and is none. */
const nobody = new Set(
  `customer customers sir madam team all support everyone colleague colleagues client clients friend
  friends bank there world kunde kunden kundin damen herren user users member members staff agent
  not wrong spelled misspelled incorrect on in still missing the a an also now please your our my
  this that it we you they i changed different being misspelt no yes what which card account
  service services help desk department office sirs valued unknown none null undefined true false
  pending active closed customs regards best kind again so for and but if when tout monsieur madame
  todos equipo cliente clienti service
  monday tuesday wednesday thursday friday saturday sunday january february march july
  september october november december of with from by at to is was are be has have had
  report statement product address phone email date amount`.split(/\s+/),
);

/** Up to the first word that is no part of a name; 0 where too little is left. */
function lengthOfName(name: string, { wordsMin }: Clue): number {
  const words = name.split(' ');
  const end = words.findIndex((word) => nobody.has(word.toLowerCase().replace(/[.,]|'s$/g, '')));
  const kept = end < 0 ? words : words.slice(0, end);
  return kept.length < wordsMin ? 0 : kept.join(' ').length;
}

// Addresses ---------------------------------------------------------------------------------------

const streets = words(
  `Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl|Square|Sq|
  Terrace|Close|Crescent|Highway|Hwy|Parkway|Pkwy|Row|Mews|Gardens|Quay|Circle`,
);
const germanic = words(
  `straße|strasse|str\\.|weg|gasse|platz|allee|damm|ring|ufer|straat|laan|plein|gracht|kade|gatan|
  vägen|vej|gade|veien|gata|katu|tie`,
);
const romance = 'rue|avenue|boulevard|bd|place|chemin|allée|impasse|quai|route|square|cours';
const southern = words(
  `Calle|C/|Avenida|Avda\\.?|Av\\.|Paseo|Plaza|Carrer|Via|Viale|Piazza|Corso|Vicolo|Rua|Travessa|
  Praça|Ulica|ul\\.|улица|ул\\.|проспект|пр\\.|Sokak|Caddesi`,
);
const number = p`[0-9]{1,5}(?:[ ]?[A-Za-z](?![\p{L}\p{N}])|[/-][0-9]{1,4})?`;
const word = p`[\p{Lu}\p{N}][\p{L}\p{M}\p{N}'.-]{0,30}`;
const part = p`\p{Lu}[\p{L}\p{M}'.]{0,30}`;
const link = "(?:(?:de|du|des|la|le|les|del|los|las|di|da|do|dos|dei|e|y)[ ]|[ld]')";
const linked = `(?:${link}){0,3}${part}`;
const townWord = p`\p{Lu}[\p{L}\p{M}'.]{1,30}`;
const town = `${townWord}(?:[ -]${townWord}){0,3}`;
const zipTown = p`(?:,?[ \n]{1,2}(?:[A-Z]{1,2}-)?[0-9]{4,5}(?:[ ]?[A-Z]{2})?[ ]${town})`;
const codes = '(?:[0-9]{5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][A-Z0-9]?[ ][0-9][A-Z]{2})';
const townZip = `(?:(?:,[ ]${town})?(?:,?[ ][A-Z]{2})?,?[ ]${codes}${endOfWord})`;
const rooms = '(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Room|#)';
const room = p`(?:,?[ ]{1,2}${rooms}\.?[ ]?[A-Za-z0-9-]{1,6})?`;
const eastern = `[${han}${katakana}ーの]`;

const addressClues: readonly Clue[] = [
  address(
    `${alone}(?<it>${number},?[ ](?:${word}[ ]){1,4}(?:${streets})${endOfWord}`,
    p`\.?${room}${townZip}?)`,
  ),
  address(
    p`${alone}(?<it>(?:\p{Lu}[\p{L}\p{M}.]{1,30}[ -]){0,2}(?:\p{Lu}[\p{L}\p{M}]{1,30}?)?`,
    `(?i:${germanic})[ ]{1,2}${number}${zipTown}?)`,
  ),
  address(
    `${alone}(?<it>(?:Am|An der|Im|Zum|Zur|In der|Auf der|Unter den)[ ]`,
    `${part}(?:[ ]${part})?[ ]${number}${zipTown})`,
  ),
  address(
    `${alone}(?<it>${number}(?:[ ](?:bis|ter))?,?[ ](?i:${romance})[ ]`,
    `${linked}(?:[ -]${linked}){0,3}${zipTown}?)`,
  ),
  address(
    `${alone}(?<it>(?:${southern})[ ]?${linked}(?:[ ]${linked}){0,3},?[ ]`,
    p`(?:n[º°.]?[ ]?|д\.[ ]?|No:?[ ]?)?${number}${zipTown}?)`,
  ),
  address(p`${alone}(?<it>(?i:P\.?[ ]?O\.?[ ]?Box[ ]?[0-9]{1,6}|Postfach[ ]?[0-9 ]{1,8}))`),
  // The postal codes of the United Kingdom and Canada have a form of their own.
  address(`${alone}(?<it>[A-Z]{1,2}[0-9][A-Z0-9]?[ ][0-9][ABD-HJLNP-UW-Z]{2})${endOfWord}`),
  address(`${alone}(?<it>[A-Z][0-9][A-Z][ ][0-9][A-Z][0-9])${endOfWord}`),
  address(`${alone}(?<it>${town},[ ][A-Z]{2}[ ][0-9]{5}(?:-[0-9]{4})?)${endOfWord}`),
  // From the province to the number of the house, in one run of signs.
  address(
    `(?<!${eastern})(?:我?住在|地址是?|住所は)?(?=${eastern}{0,30}[省市区县區縣路街道都府県町村])`,
    `(?<it>${eastern}{2,30}[0-9]{1,5}(?:-[0-9]{1,4}){0,2}(?:号|號|室|番地?|丁目[0-9-]{0,8})?)`,
  ),
  address('(?<it>〒[ ]?[0-9]{3}-[0-9]{4})'),
  address(
    `(?<it>(?:${hangul}{1,6}(?:시|도|구|군)[ ]){1,3}`,
    `[${hangul}0-9]{1,12}(?:로|길)[ ]?[0-9]{1,5}(?:-[0-9]{1,4})?)`,
  ),
];

const clues = [...nameClues, ...addressClues];
