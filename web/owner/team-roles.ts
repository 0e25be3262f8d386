import { usePage } from './page.ts'

const roles = ['viewer', 'developer', 'owner'] as const
export type Role = (typeof roles)[number]

export const roleIn = (value: string): Role => roles.find((role) => role === value) ?? 'viewer'

export const useRoleOptions = (offered: readonly Role[] = roles) => {
  const { t } = usePage()
  return offered.map((value) => ({ value, label: t(`member.${value}`) }))
}
