// Files that commands write, whole or not at all, and the spans of time that they are asked for.
import { Fault, type Instant, instantFromText } from '#core';
import { createWriteStream, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** Leaves no file that is not whole, and packs one that ends in .gz. Answers its lines. */
export async function writeNewFile(path: string, chunks: AsyncIterable<string>): Promise<number> {
  let lines = 0;
  async function* counted(): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      lines += chunk.split('\n').length - 1;
      yield chunk;
    }
  }
  const file = createWriteStream(path, { flags: 'wx' });
  let isOurs = false;
  file.once('open', () => {
    isOurs = true;
  });
  try {
    if (path.endsWith('.gz')) await pipeline(Readable.from(counted()), createGzip(), file);
    else await pipeline(Readable.from(counted()), file);
  } catch (error) {
    if (isOurs) rmSync(path, { force: true });
    throw error;
  }
  return lines;
}

/** An instant, or a day, which begins at midnight in UTC. */
export function instantOf(option: string, text: string): Instant {
  const instant = instantFromText(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant !== undefined) return instant;
  throw new Fault('input_invalid', `${option} is a day or an RFC 3339 instant, not ${text}`);
}
