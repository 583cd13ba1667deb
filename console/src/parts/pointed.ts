// Where in a JSON text a pointer points to (RFC 6901), so that what is wrong can be shown there.

/** From, to: of the value in the text; undefined where there is none, or the text is no JSON. */
export function pointed(text: string, pointer: string): readonly [number, number] | undefined {
  const parts = pointer === '' ? [] : pointer.slice(1).split('/').map(unescaped);
  try {
    return find(text, skip(text, 0), parts);
  } catch {
    return undefined;
  }
}

function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The value at a place, or what the parts lead to from there. */
function find(text: string, from: number, parts: readonly string[]): readonly [number, number] {
  const [part, ...rest] = parts;
  if (part === undefined) return [from, endOf(text, from)];
  const isList = text[from] === '[';
  if (!isList && text[from] !== '{') throw new SyntaxError('there is nothing in it');
  let at = skip(text, from + 1);
  for (let index = 0; text[at] !== ']' && text[at] !== '}'; index += 1) {
    let name = String(index);
    if (!isList) {
      const end = endOf(text, at);
      name = JSON.parse(text.slice(at, end)) as string;
      at = skip(text, expect(text, skip(text, end), ':'));
    }
    if (name === part) return find(text, at, rest);
    at = skip(text, endOf(text, at));
    if (text[at] === ',') at = skip(text, at + 1);
  }
  throw new SyntaxError('it is not there');
}

function endOf(text: string, from: number): number {
  const first = text[from];
  if (first === '"') return stringEnd(text, from);
  if (first !== '{' && first !== '[') {
    const rest = /^[^\s,\]}]+/.exec(text.slice(from, from + 400));
    if (!rest) throw new SyntaxError('a value is missing');
    return from + rest[0].length;
  }
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const here = text[at];
    if (here === '"') at = stringEnd(text, at) - 1;
    else if (here === '{' || here === '[') depth += 1;
    else if (here === '}' || here === ']') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new SyntaxError('it has no end');
}

function stringEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  throw new SyntaxError('a text has no end');
}

function skip(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  return at;
}

function expect(text: string, at: number, what: string): number {
  if (text[at] !== what) throw new SyntaxError(`${what} is missing`);
  return at + 1;
}
