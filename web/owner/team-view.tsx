import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, chooseAccount, isKind } from '../api/client.ts'
import { ActButton, Button, Failure } from '../ui/button.tsx'
import { Field, focusField, Select, sendBy } from '../ui/field.tsx'
import { Badge, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { toast } from '../ui/toast.tsx'
import { useTitle } from '../ui/use-page.ts'
import { useMay, usePage } from './page.ts'
import { type Role, roleIn, TeamProtection, useRoleOptions } from './team-roles.tsx'
import { TeamTokens } from './team-tokens.tsx'

const readTeam = () => bodyOf(api.GET('/v1/team'))
type Team = Awaited<ReturnType<typeof readTeam>>
type Member = Team['members'][number]

interface PartProps {
  readonly team: Team
  readonly onChange: (team?: Team) => unknown
}

const RoleOf = ({ member: { id, role, email }, onChange }: { readonly member: Member } & Omit<PartProps, 'team'>) => {
  const { t } = usePage()
  const options = useRoleOptions()
  const name = email ?? t('team.gone')
  const changing = useMutation({
    mutationFn: (chosen: Role) =>
      bodyOf(api.PATCH('/v1/team/members/{id}', { params: { path: { id } }, body: { role: chosen } })),
    onSuccess: (team, chosen) => {
      onChange(team)
      toast({ text: t('team.role-changed', { email: name, role: t(`member.${chosen}`) }) })
    },
  })
  return (
    <>
      <Select
        label={t('team.role-to', { email: name })}
        value={role}
        options={options}
        onChange={(value) => changing.mutate(roleIn(value))}
      />
      <Failure error={changing.error} />
    </>
  )
}

const Members = ({ team, onChange }: PartProps) => {
  const { t, format } = usePage()
  const mayChange = useMay()('changeMember')
  const remove = ({ id }: Member) => api.DELETE('/v1/team/members/{id}', { params: { path: { id } } })
  return (
    <Panel title={t('team.members')} look="wide">
      <p className="quiet-text">{t('team.role-text')}</p>
      <Table
        caption={t('team.members')}
        rows={team.members}
        idOf={({ id }) => id}
        columns={[
          {
            title: t('team.member'),
            cell: ({ email, you, holder }) => (
              <>
                <bdi>{email ?? t('team.gone')}</bdi> {you ? <Badge>{t('team.you')}</Badge> : null}{' '}
                {holder ? <Badge>{t('team.holder')}</Badge> : null}
              </>
            ),
          },
          {
            title: t('team.role'),
            cell: (member) =>
              mayChange && !member.holder ? <RoleOf member={member} onChange={onChange} /> : t(`member.${member.role}`),
          },
          { title: t('team.since'), from: 'medium', cell: ({ since }) => format.instant(since) },
          {
            title: t('team.act'),
            look: 'number',
            cell: (member) => {
              const name = member.email ?? t('team.gone')
              if (member.holder || !(mayChange || member.you)) return null
              const word = t(member.you ? 'team.leave' : 'team.remove')
              return (
                <ActButton
                  aria-label={`${word}: ${name}`}
                  act={() => remove(member)}
                  onDone={() => {
                    if (member.you) return chooseAccount(null)
                    toast({ text: t('team.removed', { email: name }) })
                    return onChange()
                  }}
                >
                  {word}
                </ActButton>
              )
            },
          },
        ]}
      />
      <p className="quiet-text">{t('team.holder-text')}</p>
    </Panel>
  )
}

const Invite = ({ onChange }: Omit<PartProps, 'team'>) => {
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
    <Panel title={t('team.invite')} look="half">
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

const Invitations = ({ team, onChange }: PartProps) => {
  const { t, format } = usePage()
  const may = useMay()
  if (team.invitations.length === 0) return null
  return (
    <Panel title={t('team.invitations')} look="wide">
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
            look: 'number',
            cell: ({ id, email }) =>
              may('resendInvitation') ? (
                <>
                  <ActButton
                    aria-label={`${t('team.resend')}: ${email}`}
                    act={() => bodyOf(api.POST('/v1/team/invitations/{id}/mail', { params: { path: { id } } }))}
                    onDone={(after) => {
                      onChange(after)
                      toast({ text: t('team.sent', { email }) })
                    }}
                  >
                    {t('team.resend')}
                  </ActButton>{' '}
                  <ActButton
                    aria-label={`${t('team.revoke')}: ${email}`}
                    act={() => api.DELETE('/v1/team/invitations/{id}', { params: { path: { id } } })}
                    onDone={() => {
                      toast({ text: t('team.revoked') })
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

/** Who may act for the account, and with what. */
export const TeamView = () => {
  const { t } = usePage()
  useTitle(t('team.title'))
  const may = useMay()
  const queries = useQueryClient()
  const query = useQuery({ queryKey: ['team'], queryFn: readTeam })
  const change = (team?: Team) =>
    team === undefined ? queries.invalidateQueries({ queryKey: ['team'] }) : queries.setQueryData(['team'], team)
  return (
    <View title={t('team.title')} query={query}>
      {(team) => (
        <div className="panels">
          <Members team={team} onChange={change} />
          {may('inviteMember') ? <Invite onChange={change} /> : null}
          {may('chooseProtection') ? <TeamProtection /> : null}
          <Invitations team={team} onChange={change} />
          {may('listTokens') ? <TeamTokens mayRevokeAll={may('changeMember')} /> : null}
        </div>
      )}
    </View>
  )
}
