import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { usePage } from './page.ts'

const roles = ['viewer', 'developer', 'owner'] as const
export type Role = (typeof roles)[number]

export const roleIn = (value: string): Role => roles.find((role) => role === value) ?? 'viewer'

export const useRoleOptions = (offered: readonly Role[] = roles) => {
  const { t } = usePage()
  return offered.map((value) => ({ value, label: t(`member.${value}`) }))
}

/** The sites of the account; none until they are loaded. */
export const useTeamSites = () =>
  useQuery({
    queryKey: ['sites', 'names'],
    queryFn: async ({ signal }) =>
      (await bodyOf(api.GET('/v1/sites', { params: { query: { limit: 100 } }, signal }))).sites,
  }).data ?? []
