// A party as somebody may see it for a purpose: names and dates whole, masked, or not at all.
import { useApi } from '../api/queries.ts';

export function useParty(id: string, purpose: string, isOn = true) {
  return useApi('GET /v1/parties/{id}', { path: { id }, purpose }, { enabled: isOn });
}
