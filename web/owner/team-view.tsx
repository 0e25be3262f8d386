import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, chooseAccount } from '../api/client.ts'
import { showAnswer } from '../api/query-client.ts'
import { Button, Failure } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Menu } from '../ui/menu.tsx'
import { Badge, Panel } from '../ui/panel.tsx'
import { View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { toast } from '../ui/toast.tsx'
import { useTitle } from '../ui/use-page.ts'
import { AskingButton } from './asking-button.tsx'
import { useMay, usePage } from './page.ts'
import {
  Invitations,
  Invite,
  readTeam,
  type Team,
  type TeamProps,
  TeamProtection,
  useRoleOptions,
} from './team-roles.tsx'
import { TeamTokens } from './team-tokens.tsx'

type Member = Team['members'][number]

/** Changes the role of a member. It asks before it makes an owner. */
const RoleOf = ({ member: { id, role, email }, onChange }: { readonly member: Member } & Omit<TeamProps, 'team'>) => {
  const { t } = usePage()
  const [isAsking, setAsking] = useState(false)
  const others = useRoleOptions().filter(({ value }) => value !== role)
  const name = email ?? t('team.gone')
  const changing = useMutation({
    mutationFn: (chosen: Member['role']) =>
      bodyOf(api.PATCH('/v1/team/members/{id}', { params: { path: { id } }, body: { role: chosen } })),
    onSuccess: (team, chosen) => {
      onChange(team)
      toast({ text: t('team.role-changed', { email: name, role: t(`member.${chosen}`) }) })
    },
    onSettled: () => setAsking(false),
  })
  return (
    <>
      <Menu
        label={t('team.role-to', { email: name })}
        text={t(`member.${role}`)}
        items={others.map(({ value, label }) => ({
          title: label,
          onAction: () => (value === 'owner' ? setAsking(true) : changing.mutate(value)),
        }))}
      />
      <Dialog title={t('team.owner-title', { email: name })} isOpen={isAsking} onClose={() => setAsking(false)}>
        <p className="lead">{t('team.role-text')}</p>
        <div className="actions">
          <Button isBusy={changing.isPending} onClick={() => changing.mutate('owner')}>
            {t('team.make-owner')}
          </Button>
          <Button tone="quiet" onClick={() => setAsking(false)}>
            {t('parts.cancel')}
          </Button>
        </div>
      </Dialog>
      <Failure error={changing.error} />
    </>
  )
}

const Members = ({ team, onChange }: TeamProps) => {
  const { t, format } = usePage()
  const mayChange = useMay()('changeMember')
  const remove = ({ id }: Member) => api.DELETE('/v1/team/members/{id}', { params: { path: { id } } })
  return (
    <Panel title={t('team.members')} variant="wide">
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
            variant: 'number',
            cell: (member) => {
              const name = member.email ?? t('team.gone')
              if (member.holder || !(mayChange || member.you)) return null
              const word = t(member.you ? 'team.leave' : 'team.remove')
              return (
                <AskingButton
                  tone="quiet"
                  of={name}
                  title={t(member.you ? 'team.leave-title' : 'team.remove-title', { email: name })}
                  consequence={t(member.you ? 'team.leave-text' : 'team.remove-text')}
                  label={word}
                  act={() => remove(member)}
                  onDone={() => {
                    if (member.you) return chooseAccount(null)
                    toast({ text: t('team.removed', { email: name }) })
                    return onChange()
                  }}
                >
                  {word}
                </AskingButton>
              )
            },
          },
        ]}
      />
      <p className="quiet-text">{t('team.holder-text')}</p>
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
    team === undefined ? queries.invalidateQueries({ queryKey: ['team'] }) : showAnswer(queries, ['team'], team)
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
