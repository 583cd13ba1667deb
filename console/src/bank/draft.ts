// A payment as it is being written: kept until it was answered, with the key under which it is sent,
// so that no second tap, no reload and no lost answer pays twice.
import { useSessionStorage } from '@mantine/hooks';
import { useSession } from '../api/session.ts';

export type Draft = {
  readonly from: string;
  readonly to: string;
  /** As typed. */
  readonly amount: string;
  readonly text: string;
  /** Set once it was sent, until there is an answer. */
  readonly key?: string;
};

export const noDraft: Draft = { from: '', to: '', amount: '', text: '' };

export function useDraft() {
  const customer = useSession()?.customer ?? '';
  return useSessionStorage<Draft>({
    key: `bank-pay-${customer}`,
    defaultValue: noDraft,
    getInitialValueInEffect: false,
  });
}

const deviceKey = 'bank-device';

/** What this app calls the device on which it runs; letters alone, which stand for nothing else. */
export function deviceToken(): string {
  const known = localStorage.getItem(deviceKey);
  if (known) return known;
  const letters = crypto
    .randomUUID()
    .replaceAll(/\d/g, (digit) => 'ghijklmnop'[Number(digit)] ?? '');
  localStorage.setItem(deviceKey, letters);
  return letters;
}
