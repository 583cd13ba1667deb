// Who was screened, as far as whoever looks may see: a registered party by name, others by token.
import { shortId } from '../../parts/id.tsx';
import { useParty } from '../../parts/party.ts';

/** Hits are judged for this purpose, and personal data is read for it alone. */
const purpose = 'compliance';

export type Subject = {
  readonly subject: string;
  readonly name: string | undefined;
  readonly born: string | undefined;
  readonly country: string | undefined;
  readonly kind: string | undefined;
  /** Why the name is not shown. */
  readonly why: string | undefined;
};

export function useSubject(subject: string): Subject {
  // What has the form of an id; other tokens are of the bank's own making.
  const isParty = subject.startsWith('pty_') && shortId(subject) !== subject;
  const { data, error } = useParty(subject, purpose, isParty);
  return {
    subject,
    name: data?.visible.name ?? undefined,
    born: data?.visible.date_of_birth ?? undefined,
    country: data?.country,
    kind: data?.kind,
    why: isParty
      ? error
        ? error.problem.status === 404
          ? 'nobody of the register'
          : error.message
        : data && data.visible.name === null
          ? 'your roles do not show names'
          : undefined
      : 'known by a token alone',
  };
}
