// Where browsers find this server: the cookie that they keep of it, and which of their requests
// come from its own pages.
import { Fault } from '#core';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type Site = {
  /** Such as `https://bank.example`; undefined where it is whatever host a browser asks for. */
  readonly origin: string | undefined;
};

/** 32 bytes in base64url. */
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

export function sessionTokenOf(request: FastifyRequest, site: Site): string | undefined {
  const token = request.cookies[cookieName(site, 'countersign_session')];
  return token !== undefined && tokenPattern.test(token) ? token : undefined;
}

export function keepSession(reply: FastifyReply, site: Site, token: string): void {
  keepCookie(reply, site, { name: 'countersign_session', value: token });
}

export function dropSession(reply: FastifyReply, site: Site): void {
  dropCookie(reply, site, 'countersign_session');
}

export function readCookie(request: FastifyRequest, site: Site, name: string): string | undefined {
  return request.cookies[cookieName(site, name)];
}

/** Until the browser is closed, or for so long. */
export function keepCookie(
  reply: FastifyReply,
  site: Site,
  { name, value, maxAgeS }: { name: string; value: string; maxAgeS?: number },
): void {
  reply.setCookie(cookieName(site, name), value, {
    ...cookieOptions(site),
    ...(maxAgeS === undefined ? {} : { maxAge: maxAgeS }),
  });
}

export function dropCookie(reply: FastifyReply, site: Site, name: string): void {
  reply.clearCookie(cookieName(site, name), cookieOptions(site));
}

/** RFC 6265bis, 4.1.3.2: no other host, and nobody without TLS, can set such a cookie. */
function cookieName(site: Site, name: string): string {
  return isSecure(site) ? `__Host-${name}` : name;
}

function cookieOptions(site: Site) {
  return { httpOnly: true, sameSite: 'lax', path: '/', secure: isSecure(site) } as const;
}

function isSecure({ origin }: Site): boolean {
  return origin?.startsWith('https:') === true;
}

/**
 * Refuses what another site has a browser send with our cookie. Reading has no effect, and what is
 * read another site is not shown.
 */
export function checkOrigin(request: FastifyRequest, { origin }: Site): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { 'sec-fetch-site': fetchSite, origin: sender } = request.headers;
  const own = origin ?? `http://${request.host}`;
  if (fetchSite === undefined ? sender === own : fetchSite === 'same-origin') return;
  throw new Fault('forbidden', 'the request comes from another site than this server’s own pages');
}
