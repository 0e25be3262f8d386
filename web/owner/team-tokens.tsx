import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiError, api, bodyOf } from '../api/client.ts'
import { useRead } from '../api/query-client.ts'
import { ActButton, Button, CopyText, Failure } from '../ui/button.tsx'
import { Checkbox, Field, Select, sendBy } from '../ui/field.tsx'
import { Badge, Disclosure, Notice, Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { toast } from '../ui/toast.tsx'
import { PageError } from '../ui/use-page.ts'
import { useMay, useNow, usePage } from './page.ts'
import { isKept } from './site-words.ts'
import { useRoleOptions, useTeamSites } from './team-roles.tsx'

const queryKey = ['tokens']
const offeredDays = ['30', '90', '365']

/** Makes a token from a form, and shows it once. */
const NewToken = () => {
  const { t } = usePage()
  const queries = useQueryClient()
  const sites = useTeamSites()
  const [siteId, setSite] = useState('')
  const [role, setRole] = useState('developer')
  const [days, setDays] = useState('90')
  const making = useMutation({
    mutationFn: (form: HTMLFormElement) => {
      const data = new FormData(form)
      const body = {
        name: String(data.get('name') ?? ''),
        role: role === 'viewer' ? ('viewer' as const) : ('developer' as const),
        production: data.has('production'),
        days: Number(days),
        ...(siteId === '' ? {} : { siteId }),
      }
      return bodyOf(api.POST('/v1/team/tokens', { body })).catch((error: unknown) => {
        throw error instanceof ApiError && error.mayPass ? new PageError('team.token-lost', error.message) : error
      })
    },
    // Also one whose answer was lost is in the list.
    onSettled: () => queries.invalidateQueries({ queryKey }),
  })
  return (
    <form onSubmit={sendBy(making)}>
      <Field label={t('team.token-name')} name="name" maxLength={60} autoComplete="off" required />
      <Select
        label={t('team.role')}
        value={role}
        options={useRoleOptions(['viewer', 'developer'])}
        onChange={setRole}
      />
      <Select
        label={t('team.token-site')}
        value={siteId}
        onChange={setSite}
        options={[
          { value: '', label: t('team.every-site') },
          ...sites.filter(isKept).map(({ id, name }) => ({ value: id, label: name })),
        ]}
      />
      <Select
        label={t('team.days')}
        value={days}
        onChange={setDays}
        options={offeredDays.map((value) => ({ value, label: t('team.days-of', { days: value }) }))}
      />
      <Checkbox name="production">{t('team.production')}</Checkbox>
      <Failure error={making.error} />
      <div className="actions">
        <Button type="submit" isBusy={making.isPending}>
          {t('team.create-token')}
        </Button>
      </div>
      {making.data === undefined ? null : (
        <Notice tone="good" title={t('team.created-token')}>
          <CopyText text={making.data.token} of={t('team.token')} />
        </Notice>
      )}
    </form>
  )
}

/** The tokens of the account. @param mayRevokeAll whether the person may revoke also those that others created. */
export const TeamTokens = ({ mayRevokeAll }: { readonly mayRevokeAll: boolean }) => {
  const { t, format } = usePage()
  const queries = useQueryClient()
  const now = useNow()
  const sites = useTeamSites()
  const mayCreate = useMay()('createToken')
  const query = useRead(queryKey, (signal) => api.GET('/v1/team/tokens', { signal }))
  return (
    <Panel title={t('team.tokens')} variant="wide">
      <p className="quiet-text">{t('team.tokens-text')}</p>
      <Loaded query={query}>
        {({ tokens }) => (
          <Table
            none={<p className="quiet-text">{t('team.no-tokens')}</p>}
            caption={t('team.tokens')}
            rows={tokens}
            idOf={({ id }) => id}
            columns={[
              {
                title: t('team.token-name'),
                cell: ({ name, beginning, createdBy }) => (
                  <>
                    <bdi>{name}</bdi> <code>{beginning}</code>
                    <small>
                      {t('team.created-by')}: {createdBy ?? t('team.gone')}
                    </small>
                  </>
                ),
              },
              {
                title: t('team.token-site'),
                cell: ({ siteId, production, role }) => (
                  <>
                    {siteId === null
                      ? t('team.every-site')
                      : (sites.find(({ id }) => id === siteId)?.name ?? t('team.one-site'))}
                    <small>
                      {t(`member.${role}`)}
                      {production ? `, ${t('team.with-production')}` : ''}
                    </small>
                  </>
                ),
              },
              {
                title: t('team.used'),
                from: 'medium',
                cell: ({ usedAt }) => (usedAt === null ? t('team.never') : format.moment(usedAt)),
              },
              {
                title: t('team.expires'),
                from: 'medium',
                cell: ({ expiresAt }) => (
                  <>
                    {format.instant(expiresAt)}{' '}
                    {expiresAt <= now ? <Badge tone="warning">{t('team.expired')}</Badge> : null}
                  </>
                ),
              },
              {
                title: t('team.act'),
                variant: 'number',
                cell: ({ id, name, you }) =>
                  mayRevokeAll || you ? (
                    <ActButton
                      of={name}
                      act={() => api.DELETE('/v1/team/tokens/{id}', { params: { path: { id } } })}
                      onDone={() => {
                        toast({ text: t('team.token-revoked') })
                        return queries.invalidateQueries({ queryKey })
                      }}
                    >
                      {t('team.revoke')}
                    </ActButton>
                  ) : null,
              },
            ]}
          />
        )}
      </Loaded>
      {mayCreate ? (
        <div className="panel-part">
          <Disclosure title={t('team.new-token')}>
            <NewToken />
          </Disclosure>
        </div>
      ) : null}
    </Panel>
  )
}
