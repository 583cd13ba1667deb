// The kinds of personal values: what people may see of one, and when two are equal.

type Rule = {
  /** What stands in place of a value, in brackets. */
  readonly label: string;
  /** Letters and digits at the end that a person may see, to tell one card from another. */
  readonly shown: 0 | 4;
  /** In the tokens of the class. */
  readonly prefix: string;
  /** Whether the vault finds all persons who have a value. Where not, not even its rows tell. */
  readonly isSearchable: boolean;
  /** What must be equal for two values to be one. */
  readonly normalize: (value: string) => string;
};

const exact = (value: string) => value;
const trimmed = (value: string) => value.normalize('NFC').trim();
const lower = (value: string) => trimmed(value).toLowerCase();
/** Without what people put between groups. */
const compact = (value: string) =>
  trimmed(value)
    .replace(/[\s().\-/]/g, '')
    .toUpperCase();

const hidden = { shown: 0, isSearchable: false, normalize: trimmed } as const;
const number = { shown: 4, isSearchable: true, normalize: compact } as const;

/** The closed list. Of two findings in one place, the class that stands first here counts. */
export const fieldClasses = {
  pan: { label: 'card', prefix: 'pan', ...number },
  iban: { label: 'iban', prefix: 'iban', ...number },
  national_id: { label: 'national id', prefix: 'nid', ...number, shown: 0 },
  document_number: { label: 'document', prefix: 'doc', ...number, shown: 0 },
  account_number: { label: 'account number', prefix: 'acct', ...number },
  routing_number: { label: 'routing number', prefix: 'rtn', ...number, shown: 0 },
  email: { label: 'email', prefix: 'mail', shown: 0, isSearchable: true, normalize: lower },
  phone: { label: 'phone', prefix: 'tel', ...number },
  device_id: { label: 'device', prefix: 'dev', shown: 4, isSearchable: true, normalize: lower },
  ip_address: { label: 'ip address', prefix: 'ip', shown: 0, isSearchable: true, normalize: lower },
  date_of_birth: { label: 'date of birth', prefix: 'dob', ...hidden },
  name: { label: 'name', prefix: 'name', ...hidden },
  address: { label: 'address', prefix: 'addr', ...hidden },
  free_text: { label: 'text', prefix: 'text', ...hidden, normalize: exact },
} as const satisfies Record<string, Rule>;

export type FieldClass = keyof typeof fieldClasses;

export const fieldClassNames = Object.keys(fieldClasses) as readonly FieldClass[];

/** By the order of the list: the lower, the stricter. */
export function rankOf(fieldClass: FieldClass): number {
  return fieldClassNames.indexOf(fieldClass);
}
