// A party as somebody may see it for a purpose: names and dates whole, masked, or not at all.
import type { Answer } from '../api/client.ts';
import { useApi } from '../api/queries.ts';

export type Party = Answer<'GET /v1/parties/{id}'>;

export function useParty(id: string, purpose: string, isOn = true) {
  return useApi('GET /v1/parties/{id}', { path: { id }, purpose }, { enabled: isOn });
}
