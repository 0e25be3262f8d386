import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'

/** The sites of the account; none until they are loaded. */
export const useTeamSites = () =>
  useQuery({
    queryKey: ['sites', 'names'],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET('/v1/sites', { params: { query: { limit: 100 } }, signal }))).sites,
  }).data ?? []
