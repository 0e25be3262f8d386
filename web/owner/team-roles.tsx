import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, isKind, readEveryPage } from '../api/client.ts'
import { ActButton, Button, Failure } from '../ui/button.tsx'
import { Checkbox, Field, focusField, Select, sendBy } from '../ui/field.tsx'
import { Panel } from '../ui/panel.tsx'
import { Table } from '../ui/table.tsx'
import { toast } from '../ui/toast.tsx'
import { useMay, usePage } from './page.ts'
import { isKept } from './site-words.ts'

const roles = ['viewer', 'developer', 'owner'] as const
type Role = (typeof roles)[number]

const roleIn = (value: string): Role => roles.find((role) => role === value) ?? 'viewer'

export const useRoleOptions = (offered: readonly Role[] = roles) => {
  const { t } = usePage()
  return offered.map((value) => ({ value, label: t(`member.${value}`) }))
}

/** The sites of the account; none until they are loaded. */
export const useTeamSites = () =>
  useQuery({
    queryKey: ['sites', 'names'],
    queryFn: async ({ signal }) => {
      const read = (more: object) =>
        bodyOf(api.GET('/v1/sites', { params: { query: { limit: 100, ...more } }, signal }))
      return (await readEveryPage(read)).flatMap(({ sites }) => sites)
    },
  }).data ?? []

interface Choice {
  readonly id: string
  readonly ownersOnly: boolean
}

/** The sites whose changes owners keep to themselves. */
export const TeamProtection = () => {
  const { t, sayProblem } = usePage()
  const queries = useQueryClient()
  const sites = useTeamSites()
  // At once: a box that first shows the former state looks as if the press was lost.
  const [chosen, setChosen] = useState<Readonly<Record<string, Choice | undefined>>>({})
  const choosing = useMutation({
    // One after the other: of two sent at once, the first might arrive last and stay.
    scope: { id: 'protection' },
    mutationFn: ({ id, ownersOnly }: Choice) =>
      bodyOf(api.PUT('/v1/sites/{id}/protection', { params: { path: { id } }, body: { ownersOnly } })),
    onSuccess: ({ name, ownersOnly }) => {
      toast({ text: t(ownersOnly ? 'team.protected' : 'team.unprotected', { name }) })
      return queries.invalidateQueries({ queryKey: ['sites'] })
    },
    // Each by itself: a failure beside the boxes would be of the last press only.
    onError: (error) => toast({ text: sayProblem(error), tone: 'danger' }),
    onSettled: (_answer, _error, choice) =>
      setChosen((now) => (now[choice.id] === choice ? { ...now, [choice.id]: undefined } : now)),
  })
  const kept = sites.filter(isKept)
  if (kept.length === 0) return null
  return (
    <Panel title={t('team.protection')} variant="half">
      <p className="quiet-text">{t('team.protection-text')}</p>
      {kept.map(({ id, name, ownersOnly }) => (
        <Checkbox
          key={id}
          name={id}
          checked={chosen[id]?.ownersOnly ?? ownersOnly}
          onChange={({ target }) => {
            const choice = { id, ownersOnly: target.checked }
            setChosen((now) => ({ ...now, [id]: choice }))
            choosing.mutate(choice)
          }}
        >
          {t('team.protect', { name })}
        </Checkbox>
      ))}
    </Panel>
  )
}

export const readTeam = () => bodyOf(api.GET('/v1/team'))
export type Team = Awaited<ReturnType<typeof readTeam>>

export interface TeamProps {
  readonly team: Team
  readonly onChange: (team?: Team) => unknown
}

export const Invite = ({ onChange }: Omit<TeamProps, 'team'>) => {
  const { t } = usePage()
  const [role, setRole] = useState<Role>('developer')
  const options = useRoleOptions()
  const inviting = useMutation({
    mutationFn: async (form: HTMLFormElement) => {
      const email = String(new FormData(form).get('email') ?? '').trim()
      return { email, team: await bodyOf(api.POST('/v1/team/invitations', { body: { email, role } })), form }
    },
    onSuccess: ({ email, team, form }) => {
      form.reset()
      onChange(team)
      toast({ text: t('team.sent', { email }) })
    },
    onError: (_error, form) => focusField(form, 'email'),
  })
  const isWrong = isKind(inviting.error, 'invalid-request')
  const isKnown = isKind(inviting.error, 'transition-not-allowed')
  return (
    <Panel title={t('team.invite')} variant="half">
      <form noValidate onSubmit={sendBy(inviting)}>
        <Field
          label={t('team.email')}
          name="email"
          type="email"
          maxLength={254}
          autoComplete="off"
          required
          problem={isWrong ? t('team.email-wrong') : isKnown ? t('team.already') : undefined}
          hint={t('team.invite-text')}
        />
        <Select label={t('team.role')} value={role} options={options} onChange={(value) => setRole(roleIn(value))} />
        <Failure error={isWrong || isKnown ? null : inviting.error} />
        <div className="actions">
          <Button type="submit" isBusy={inviting.isPending}>
            {t('team.send')}
          </Button>
        </div>
      </form>
    </Panel>
  )
}

export const Invitations = ({ team, onChange }: TeamProps) => {
  const { t, format } = usePage()
  const may = useMay()
  if (team.invitations.length === 0) return null
  return (
    <Panel title={t('team.invitations')} variant="wide">
      <Table
        caption={t('team.invitations')}
        rows={team.invitations}
        idOf={({ id }) => id}
        columns={[
          { title: t('team.email'), cell: ({ email }) => <bdi>{email}</bdi> },
          { title: t('team.role'), cell: ({ role }) => t(`member.${role}`) },
          { title: t('team.expires'), from: 'medium', cell: ({ expiresAt }) => format.instant(expiresAt) },
          {
            title: t('team.act'),
            variant: 'number',
            cell: ({ id, email }) =>
              may('resendInvitation') ? (
                <>
                  <ActButton
                    of={email}
                    act={() => bodyOf(api.POST('/v1/team/invitations/{id}/mail', { params: { path: { id } } }))}
                    onDone={(after) => {
                      onChange(after)
                      toast({ text: t('team.sent', { email }) })
                    }}
                  >
                    {t('team.resend')}
                  </ActButton>{' '}
                  <ActButton
                    of={email}
                    act={() => api.DELETE('/v1/team/invitations/{id}', { params: { path: { id } } })}
                    onDone={() => {
                      toast({ text: t('team.invitation-revoked') })
                      return onChange()
                    }}
                  >
                    {t('team.revoke')}
                  </ActButton>
                </>
              ) : null,
          },
        ]}
      />
    </Panel>
  )
}
