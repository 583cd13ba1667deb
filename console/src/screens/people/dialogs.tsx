// Which dialog is open is in the address: so a colleague can be sent to exactly that.
import { Stack, Text } from '@mantine/core';
import { useUrl } from '../../app/url.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Json } from '../../parts/json.tsx';
import { AskForm, type Wanted } from '../../parts/refusal.tsx';
import { DescribeDialog } from './describe-dialog.tsx';
import { GrantDialog } from './grant-dialog.tsx';
import { IssueDialog } from './issue-dialog.tsx';
import { EndSession, RevokeKey, RevokeRole } from './revoke-dialogs.tsx';
import { SecretDialog } from './secret-dialog.tsx';
import type { Person } from './words.ts';

export function Dialogs({
  principal,
  person,
}: {
  readonly principal: string | undefined;
  readonly person: Person | undefined;
}) {
  const [url, setUrl] = useUrl();
  const close = () => setUrl({ do: undefined, give: undefined, take: undefined, ask: undefined });
  if (url['ask'] !== undefined) return <AskDialog text={url['ask']} close={close} />;
  switch (url['do']) {
    case 'grant':
      return <GrantDialog principal={principal} close={close} />;
    case 'issue':
      return <IssueDialog principal={principal} close={close} />;
    case 'secret':
      return <SecretDialog close={close} />;
    case 'describe':
      return principal && <DescribeDialog {...{ principal, person, close }} />;
    case 'revoke-role':
      return (
        principal && url['take'] && <RevokeRole {...{ principal, role: url['take'], close }} />
      );
    case 'revoke-key':
      return url['key'] && <RevokeKey id={url['key']} close={close} />;
    case 'end-session':
      return url['session'] && <EndSession id={url['session']} close={close} />;
    default:
      return null;
  }
}

/** What a colleague would do, and may not ask the approval for: it came with a link. */
function AskDialog({ text, close }: { readonly text: string; readonly close: () => void }) {
  const wanted = wantedOf(text);
  return (
    <Dialog close={close} title="Ask for an approval" size={520}>
      {wanted ? (
        <Stack gap="md">
          <Text>
            A colleague wants to do exactly this, and needs the approval of others for it:
          </Text>
          <Json value={{ [wanted.subject_kind]: wanted.subject ?? wanted.subject_digest }} />
          <AskForm wanted={wanted} about={wanted.about} />
        </Stack>
      ) : (
        <Text>This link is incomplete: ask for it again.</Text>
      )}
    </Dialog>
  );
}

function wantedOf(text: string): (Wanted & { readonly about: string }) | undefined {
  try {
    const told = JSON.parse(text) as Partial<Wanted & { about: string }>;
    const { subject_kind: kind, subject_digest: digest, about = '' } = told;
    if (typeof kind !== 'string' || typeof digest !== 'string') return undefined;
    return { ...told, subject_kind: kind, subject_digest: digest, about: String(about) };
  } catch {
    return undefined;
  }
}
