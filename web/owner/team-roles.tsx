import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { Failure } from '../ui/button.tsx'
import { Checkbox } from '../ui/field.tsx'
import { Panel } from '../ui/panel.tsx'
import { toast } from '../ui/toast.tsx'
import { usePage } from './page.ts'
import { isKept } from './site-words.ts'

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

interface Choice {
  readonly id: string
  readonly ownersOnly: boolean
}

/** The sites whose changes owners keep to themselves. */
export const TeamProtection = () => {
  const { t } = usePage()
  const queries = useQueryClient()
  const sites = useTeamSites()
  // At once: a box that first shows the former state looks as if the press was lost.
  const [chosen, setChosen] = useState<Choice>()
  const choosing = useMutation({
    mutationFn: ({ id, ownersOnly }: Choice) =>
      bodyOf(api.PUT('/v1/sites/{id}/protection', { params: { path: { id } }, body: { ownersOnly } })),
    onSuccess: ({ name, ownersOnly }) => {
      toast({ text: t(ownersOnly ? 'team.protected' : 'team.unprotected', { name }) })
      return queries.invalidateQueries({ queryKey: ['sites'] })
    },
    onSettled: () => setChosen(undefined),
  })
  const kept = sites.filter(isKept)
  if (kept.length === 0) return null
  return (
    <Panel title={t('team.protection')} look="half">
      <p className="quiet-text">{t('team.protection-text')}</p>
      {kept.map(({ id, name, ownersOnly }) => (
        <Checkbox
          key={id}
          name={id}
          checked={chosen?.id === id ? chosen.ownersOnly : ownersOnly}
          onChange={({ target }) => {
            const choice = { id, ownersOnly: target.checked }
            setChosen(choice)
            choosing.mutate(choice)
          }}
        >
          {t('team.protect', { name })}
        </Checkbox>
      ))}
      <Failure error={choosing.error} />
    </Panel>
  )
}
