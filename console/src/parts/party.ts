// A party as somebody may see it for a purpose: names and dates whole, masked, or not at all.
import { useQuery } from '@tanstack/react-query';
import { addressOf, type Answer, ApiProblem } from '../api/client.ts';
import type { Problem } from '../api/openapi.ts';

export type Party = Answer<'GET /v1/parties/{id}'>;

/** Personal data is read for a purpose, which goes into the header that the API asks for it in. */
export function useParty(id: string, purpose: string, isOn = true) {
  return useQuery<Party, ApiProblem>({
    queryKey: ['GET /v1/parties/{id}', { path: { id } }, purpose],
    queryFn: async ({ signal }) => {
      const response = await fetch(addressOf('/v1/parties/{id}', { id }), {
        headers: { accept: 'application/json', purpose },
        credentials: 'same-origin',
        signal,
      });
      if (!response.ok) throw new ApiProblem((await response.json()) as Problem);
      return (await response.json()) as Party;
    },
    enabled: isOn,
  });
}
