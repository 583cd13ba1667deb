// The glossary over HTTP, from the page that is written for people: help has one source.
import type { FastifyInstance } from 'fastify';
import { readFileSync } from 'node:fs';
import Type from 'typebox';
import { problems } from './views.ts';

export type Term = {
  readonly section: string;
  /** The word itself, and others that mean the same. */
  readonly words: readonly string[];
  /** Of what, where one word is used of several things. */
  readonly of: string | null;
  /** Markdown, without blocks. */
  readonly meaning: string;
};

const path = new URL('../../docs/glossary.md', import.meta.url);
let terms: readonly Term[] | undefined;

export function glossaryRoute(app: FastifyInstance): void {
  const term = Type.Object({
    section: Type.String(),
    words: Type.Array(Type.String()),
    of: Type.Union([Type.String(), Type.Null()]),
    meaning: Type.String({ description: 'Markdown, without blocks.' }),
  });
  app.get(
    '/v1/glossary',
    {
      schema: {
        tags: ['administration'],
        summary: 'What the words mean that the API and the console use',
        security: [],
        response: { 200: Type.Object({ items: Type.Array(term) }), ...problems },
      },
    },
    async () => {
      terms ??= parseGlossary(readFileSync(path, 'utf8'));
      return { items: terms };
    },
  );
}

/** Rows such as `| **checkpoint**, **tree head** | A signed statement … |` under their headings. */
export function parseGlossary(markdown: string): Term[] {
  let section = '';
  return markdown.split('\n').flatMap((line): Term[] => {
    section = /^## (.+)$/.exec(line)?.[1] ?? section;
    const [, cell, meaning] = /^\| (\*\*.+?) \| (.+) \|$/.exec(line) ?? [];
    if (cell === undefined || meaning === undefined) return [];
    const words = [...cell.matchAll(/\*\*(.+?)\*\*/g)].map(([, word = '']) => word);
    const of = /\((.+)\)\s*$/.exec(cell)?.[1] ?? null;
    return [{ section, words, of, meaning: meaning.replaceAll('\\|', '|') }];
  });
}
