// Who did something: a person by the short name, "you" for the one who looks.
import { useSession } from '../api/session.ts';

export function Who({ principal }: { readonly principal: string }) {
  const me = useSession()?.principal;
  return <span title={principal}>{principal === me ? 'you' : nameOf(principal)}</span>;
}

/** `user:ann` is ann; services, agents and partners keep the word for what they are. */
export function nameOf(principal: string): string {
  return principal.startsWith('user:') ? principal.slice('user:'.length) : principal;
}
