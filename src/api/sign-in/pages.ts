// The few pages that we show before anybody is signed in: plain HTML, without scripts.
import type { FastifyReply } from 'fastify';
import { hash } from 'node:crypto';

/** Text that is safe in HTML; only `html` and `list` make it. */
export type Html = { readonly html: string };

const style = `
:root { color-scheme: light dark; --ink: #1a1d21; --faint: #59616b; --edge: #878e98;
  --paper: #fff; --wash: #f3f4f6; --accent: #1f4fbf; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --faint: #a2a9b3; --edge: #6b737d;
  --paper: #1b1e22; --wash: #121417; --accent: #8fb0ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 6vh 16px; background: var(--wash); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 640px; margin: 0 auto; padding: 28px; background: var(--paper);
  border: 1px solid var(--edge); border-radius: 6px; }
h1 { margin: 0 0 4px; font-size: 20px; } h2 { margin: 24px 0 8px; font-size: 14px; }
p { margin: 0 0 12px; } p, .hint { color: var(--faint); } a { color: var(--accent); }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 6px;
  grid-template-columns: repeat(auto-fill, minmax(min(260px, 100%), 1fr)); }
button, input { font: inherit; color: inherit; border: 1px solid var(--edge);
  border-radius: 4px; padding: 8px 12px; background: var(--paper); }
button { width: 100%; height: 100%; text-align: left; cursor: pointer; }
button:hover { border-color: var(--accent); }
button strong, button span { display: block; } button span { color: var(--faint); font-size: 13px; }
label { display: block; margin-bottom: 4px; } input { width: 100%; margin-bottom: 8px; }
.act { text-align: center; font-weight: 600; } .wrong { color: light-dark(#a11, #ff9a8f); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

const styleSource = `'sha256-${hash('sha256', style, 'base64')}'`;

export const pageHeaders = {
  'content-security-policy':
    `default-src 'none'; style-src ${styleSource}; form-action 'self'; base-uri 'none'; ` +
    "frame-ancestors 'none'",
  'cache-control': 'no-store',
  // Not none at all: then a browser calls the sender of our own forms `null` as well.
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const;

/** A template whose values are escaped, unless they are HTML already. */
export function html(texts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  const parts = texts.map((text, at) => {
    const value = at === 0 ? '' : (values[at - 1] ?? '');
    return `${typeof value === 'string' ? escaped(value) : value.html}${text}`;
  });
  return { html: parts.join('') };
}

export function list(items: readonly Html[]): Html {
  return { html: items.map((item) => item.html).join('') };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export function page(title: string, body: Html): string {
  const document = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} · Countersign</title>
<style>${{ html: style }}</style>
<main>
<h1>${title}</h1>
${body}
</main>
</html>
`;
  return document.html;
}

/** Why somebody is not signed in, and what to do next. */
export function sendTrouble(
  reply: FastifyReply,
  status: number,
  { title, why, returnTo = '/' }: { title: string; why: string; returnTo?: string },
): FastifyReply {
  const again = `/auth/sign-in?return=${encodeURIComponent(returnTo)}`;
  const body = html`<p>${why}</p>
<p><a href="${again}">Try again</a></p>`;
  return sendPage(reply, status, page(title, body));
}

export function sendPage(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).headers(pageHeaders).type('text/html; charset=utf-8').send(text);
}
