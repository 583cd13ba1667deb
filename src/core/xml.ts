// XML as messages between systems carry it: read into plain objects whose values are texts, and
// written with everything escaped. No entity is ever expanded, and no document type is read.
import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

/** An element: its text, or its children by name without prefixes; `@name` is an attribute. */
export type Xml = string | { readonly [name: string]: Xml | readonly Xml[] };
/** What is written: members that are undefined are left out. */
export type XmlInput =
  | string
  | number
  | { readonly [name: string]: XmlInput | readonly XmlInput[] | undefined };

const attributes = { ignoreAttributes: false, attributeNamePrefix: '@' };
const parser = new XMLParser({
  ...attributes,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: true,
  ignoreDeclaration: true,
  processEntities: false,
});
const builder = new XMLBuilder({ ...attributes, suppressEmptyNode: false, processEntities: false });

/** Undefined where the text is no XML, declares a document type, or is nested beyond reason. */
export function readXml(text: string): Xml | undefined {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) return undefined;
  try {
    return XMLValidator.validate(text) === true ? parsed(parser.parse(text) as Xml) : undefined;
  } catch {
    // The parser throws for elements that are nested too deep, or called `__proto__`.
    return undefined;
  }
}

/** With a declaration; order of members is order of elements. */
export function writeXml(document: XmlInput): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${String(builder.build(escaped(document)))}`;
}

/** The first element at a path; undefined where there is none. */
export function xmlAt(xml: Xml | undefined, ...path: readonly string[]): Xml | undefined {
  return path.reduce<Xml | undefined>((at, name) => xmlAll(at, name)[0], xml);
}

/** All children of that name: none, one or many. */
export function xmlAll(xml: Xml | undefined, name: string): readonly Xml[] {
  if (xml === undefined || typeof xml === 'string' || !Object.hasOwn(xml, name)) return [];
  const found = xml[name] as Xml | readonly Xml[];
  return Array.isArray(found) ? (found as readonly Xml[]) : [found as Xml];
}

/** The text at a path; undefined where there is none, or an empty one. */
export function xmlText(xml: Xml | undefined, ...path: readonly string[]): string | undefined {
  const found = xmlAt(xml, ...path);
  const text = typeof found === 'object' ? found['#text'] : found;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

const named = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' } as const;

/** The five entities of XML itself, and characters by number: what is not a declared entity. */
function parsed(xml: Xml): Xml {
  if (typeof xml === 'string') {
    return xml.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, tens, hex, name) => {
      const code = tens ? Number(tens) : hex ? Number.parseInt(String(hex), 16) : undefined;
      if (code !== undefined) return isSign(code) ? String.fromCodePoint(code) : whole;
      return Object.hasOwn(named, String(name)) ? named[name as keyof typeof named] : whole;
    });
  }
  const members = Object.entries(xml).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(parsed) : parsed(value as Xml),
  ]);
  return Object.fromEntries(members) as Xml;
}

/** XML 1.0, 2.2: no NUL, no half of a pair; PostgreSQL takes neither. */
function isSign(code: number): boolean {
  const isControl = code < 0x20 && code !== 0x9 && code !== 0xa && code !== 0xd;
  const isHalf = code >= 0xd800 && code <= 0xdfff;
  return !isControl && !isHalf && code <= 0x10ffff;
}

function escaped(value: XmlInput | readonly XmlInput[]): unknown {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') {
    const entity = (sign: string) =>
      Object.entries(named).find(([, each]) => each === sign)?.[0] ?? 'amp';
    // XML 1.0 has no way to write these.
    const plain = value.replace(/(?![\t\n\r])\p{Cc}/gu, '');
    return plain.replace(/[<>&"']/g, (sign) => `&${entity(sign)};`);
  }
  if (Array.isArray(value)) return value.map((each: XmlInput) => escaped(each));
  const members = Object.entries(value as Record<string, XmlInput | undefined>)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => [name, escaped(each as XmlInput)]);
  return Object.fromEntries(members);
}
