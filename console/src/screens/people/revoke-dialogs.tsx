// Taking away: a role, a key, a session. It counts at once, so each is asked for once more.
import { Text } from '@mantine/core';
import { useAct, useApiPages } from '../../api/queries.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { nameOf } from '../../parts/who.tsx';
import { rightsReads, type Role } from './words.ts';

type Close = { readonly close: () => void };

export function RevokeRole({
  principal,
  role,
  close,
}: Close & { readonly principal: string; readonly role: string }) {
  const act = useAct('DELETE /v1/role-grants/{principal}/{role}', rightsReads);
  return (
    <FormDialog
      title={`Revoke the role ${role}`}
      does="Revoke it"
      danger
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { principal, role: role as Role } }, { onSuccess: close })}
    >
      <Text>
        {nameOf(principal)} can do nothing more as {role}, from the next call on. Without any role
        left, nothing at all.
      </Text>
    </FormDialog>
  );
}

export function RevokeKey({ id, close }: Close & { readonly id: string }) {
  const act = useAct('DELETE /v1/api-keys/{id}', rightsReads);
  const keys = useApiPages('GET /v1/api-keys', {}, { limit: 500 });
  const key = keys.items.find((each) => each.id === id);
  return (
    <FormDialog
      title={key ? `Revoke the key ${key.name}` : 'Revoke a key'}
      does="Revoke it"
      danger
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { id } }, { onSuccess: close })}
    >
      <Text>
        {key && `It is held by ${nameOf(key.principal)}. `}Whatever uses it is refused from the next
        call on. It cannot be taken back: issue another one.
      </Text>
    </FormDialog>
  );
}

export function EndSession({ id, close }: Close & { readonly id: string }) {
  const act = useAct('POST /v1/sessions/{id}/revoke', rightsReads);
  const sessions = useApiPages('GET /v1/sessions', {}, { limit: 200 });
  const session = sessions.items.find((each) => each.id === id);
  return (
    <FormDialog
      title={session ? `End the session of ${nameOf(session.principal)}` : 'End a session'}
      does="End it"
      danger
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { id } }, { onSuccess: close })}
    >
      <Text>
        Their next click asks them to sign in again; what they have typed stays in their window.
        Whoever is not to come back loses the roles as well.
      </Text>
    </FormDialog>
  );
}
