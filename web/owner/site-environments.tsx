import { useQuery, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { ActButton } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { toast } from '../ui/toast.tsx'
import { pollInterval, useMay, usePage } from './page.ts'
import type { Plan } from './plan-words.ts'
import { siteHash } from './routes.ts'
import { OpenSite, StateBadge } from './site-state.tsx'
import { isLive, type Site } from './site-words.ts'

/** Whether a site has environments: one that runs software of its account's own, and others as their plan says. */
export const hasEnvironments = ({ id, blueprint, environment }: Site, plan?: Plan): boolean =>
  environment === undefined && (blueprint.name === id.replace('_', '-') || plan?.environments !== undefined)

interface ExtendProps {
  readonly site: Site
  readonly onDone: (after: Site) => unknown
}

/** Begins the time of an environment again, if it has an end. */
export const ExtendEnvironment = ({ site, onDone }: ExtendProps) => {
  const { t } = usePage()
  const may = useMay()
  if (!isLive(site) || !site.environment?.endsAt || !may('extendEnvironment')) return null
  const { siteId: id, name } = site.environment
  const extend = () =>
    bodyOf(api.POST('/v1/sites/{id}/environments/{name}/extend', { params: { path: { id, name } }, body: {} }))
  return (
    <ActButton
      of={name}
      act={extend}
      onDone={(after) => {
        toast({ text: t('environments.extend-done', { name }) })
        return onDone(after)
      }}
    >
      {t('environments.extend')}
    </ActButton>
  )
}

/** What a person does with one press. Each is undone by another one, or deployed again. */
const Acts = ({ production, one, onDone }: Readonly<{ production: Site; one: Site; onDone: () => unknown }>) => {
  const { t } = usePage()
  const may = useMay()
  const name = one.environment?.name ?? ''
  const params = { path: { id: production.id, name } }
  const act = (word: 'restore' | 'delete', call: () => Promise<unknown>) =>
    may(`${word}Environment`) ? (
      <ActButton
        of={name}
        act={call}
        onDone={() => {
          toast({ text: t(`environments.${word}-done`, { name }) })
          return onDone()
        }}
      >
        {t(`environments.${word}`)}
      </ActButton>
    ) : null
  // Archived without a deletion: it was being restored, or still is.
  if (one.status === 'archived' && one.operation !== null) return null
  if (one.deletion !== null || one.status === 'archived')
    return (
      isLive(production) && act('restore', () => api.POST('/v1/sites/{id}/environments/{name}/restore', { params }))
    )
  return (
    <>
      {isLive(one) ? <OpenSite site={one} isQuiet /> : null} <ExtendEnvironment site={one} onDone={onDone} />{' '}
      {act('delete', () => api.DELETE('/v1/sites/{id}/environments/{name}', { params }))}
    </>
  )
}

export const SiteEnvironments = ({ site }: { readonly site: Site }) => {
  const { id } = site
  const { t, format } = usePage()
  const queries = useQueryClient()
  const queryKey = ['environments', id]
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}/environments', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data, error } }) => pollInterval(data?.environments, error),
  })
  return (
    <Panel title={t('part.environments')}>
      <p className="quiet-text">
        {t('environments.lead')} <code>sitewright env create NAME</code>
      </p>
      <Loaded query={query}>
        {({ environments, max }) => (
          <>
            <p className="panel-part">
              {t('environments.count', { count: environments.filter((one) => one.deletion === null).length, max })}
            </p>
            <Table
              none={<p className="quiet-text">{t('environments.none')}</p>}
              caption={t('part.environments')}
              rows={environments.toSorted(
                (one, other) => Number(one.deletion !== null) - Number(other.deletion !== null),
              )}
              idOf={({ id: environmentId }) => environmentId}
              columns={[
                {
                  title: t('environments.name'),
                  cell: (one) => (
                    <>
                      <a href={siteHash(one.id, 'overview')}>
                        <bdi>{one.environment?.name}</bdi>
                      </a>{' '}
                      <StateBadge site={one} />
                      <small>
                        {[one.environment?.branch, t('environments.version', { version: one.blueprint.version })]
                          .filter(Boolean)
                          .join(' · ')}
                      </small>
                    </>
                  ),
                },
                {
                  title: t('environments.ends'),
                  from: 'medium',
                  cell: ({ deletion, environment, status }) => {
                    if (deletion !== null)
                      return deletion.purgeAt === null
                        ? t('environments.deleted')
                        : t('environments.purged-at', { at: format.instant(deletion.purgeAt) })
                    if (environment?.endsAt) return format.instant(environment.endsAt)
                    const isDown = status === 'suspended' || status === 'archived'
                    return t(isDown ? 'environments.not-meanwhile' : 'environments.never')
                  },
                },
                {
                  title: t('team.act'),
                  variant: 'number',
                  cell: (one) => (
                    <Acts production={site} one={one} onDone={() => queries.invalidateQueries({ queryKey })} />
                  ),
                },
              ]}
            />
          </>
        )}
      </Loaded>
    </Panel>
  )
}
