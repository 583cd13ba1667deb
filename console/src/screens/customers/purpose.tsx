// What personal data is read for: it goes into the header that the API asks for, and into its audit.
import { Select } from '@mantine/core';
import { useUrl } from '../../app/url.ts';

// The words of the header Purpose (policies/entitlements), which the API does not list.
const purposes = ['servicing', 'fraud', 'compliance', 'audit'] as const;

export function PurposeChoice() {
  const [{ purpose }, setUrl] = useUrl();
  return (
    <Select
      aria-label="What you read personal data for"
      placeholder="Personal data: what for?"
      value={purpose ?? null}
      onChange={(next) => setUrl({ purpose: next ?? undefined })}
      data={purposes.map((value) => ({ value, label: `for ${value}` }))}
      clearable
      w={210}
    />
  );
}
