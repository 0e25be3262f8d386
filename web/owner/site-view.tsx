import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ApiError, api, bodyOf, chooseAccountOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Notice, Panel } from '../ui/panel.tsx'
import { Empty, Loaded, Stale, useTop, View } from '../ui/state.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { useTitle } from '../ui/use-page.ts'
import { useMay, useOfferedPlans, usePage, useSession, useSite } from './page.ts'
import { type SitePart, siteHash, siteParts } from './routes.ts'
import { SiteCopies } from './site-copies.tsx'
import { SiteDomains } from './site-domains.tsx'
import { hasEnvironments, SiteEnvironments } from './site-environments.tsx'
import { SiteHead } from './site-head.tsx'
import { SiteOverview } from './site-overview.tsx'
import { SitePlans } from './site-plans.tsx'
import { SiteSettings } from './site-settings.tsx'
import { SiteSharing } from './site-sharing.tsx'
import { isKept, type Site } from './site-words.ts'

const failures: readonly string[] = ['SiteFailed', 'SiteDown', 'SiteOperationEnded']

const SiteHistory = ({ site: { id, status, operation } }: { readonly site: Site }) => {
  const { t, find, format } = usePage()
  const plans = useOfferedPlans()
  const first: string | undefined = undefined
  const query = useInfiniteQuery({
    queryKey: ['history', id, status, operation],
    initialPageParam: first,
    queryFn: ({ pageParam, signal }: { readonly pageParam: string | undefined; readonly signal: AbortSignal }) => {
      const page = { limit: 100, ...(pageParam === undefined ? {} : { cursor: pageParam }) }
      return bodyOf(api.GET('/v1/sites/{id}/history', { params: { path: { id }, query: page }, signal }))
    },
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: (before) => before,
    select: ({ pages }) => pages.flatMap(({ entries }) => entries),
  })
  return (
    <Panel title={t('history.title')}>
      <Loaded query={query}>
        {(entries) => (
          <>
            {entries.length === 0 && !query.hasNextPage ? <Empty /> : null}
            <ol className="timeline">
              {entries.map(({ id: key, at, type, by, person, about, plan, until, reason }) => {
                const planName = plans.find((offered) => offered.id === plan)?.name ?? plan ?? ''
                const values = { plan: planName, until: until === null ? '' : format.instant(until) }
                return (
                  <li key={key} data-kind={failures.includes(type) ? 'failure' : 'event'}>
                    <strong>{find(`history.${type}.${about}`, values) ?? t(`history.${type}`, values)}</strong>
                    {reason === null ? null : <p>{t('history.reason', { reason })}</p>}
                    <p className="quiet-text">
                      <time dateTime={at}>{format.instant(at)}</time> ·{' '}
                      {person === null ? t(`history.by.${by}`) : t('history.by.member', { person })}
                    </p>
                  </li>
                )
              })}
            </ol>
          </>
        )}
      </Loaded>
      {query.hasNextPage ? (
        <Button tone="quiet" isBusy={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          {t('history.more')}
        </Button>
      ) : null}
    </Panel>
  )
}

/** In place of a site that the chosen account does not have. If another one has it, the page is loaded again for that. */
const SiteElsewhere = ({ id }: { readonly id: string }) => {
  const { t } = usePage()
  const { data: session } = useSession()
  const query = useQuery({ queryKey: ['elsewhere', id], queryFn: () => chooseAccountOf(id), staleTime: Infinity })
  return (
    <View title={t('facts.title')} aside={<a href="#/">{t('site.all')}</a>} query={query}>
      {(isFound) =>
        isFound ? null : (
          <Notice tone="warning" title={t('site.elsewhere')}>
            {t('site.elsewhere-text', { email: session?.email ?? '' })}
          </Notice>
        )
      }
    </View>
  )
}

interface SiteViewProps {
  readonly id: string
  readonly part: SitePart
  /** Whether Stripe sent the owner here after a purchase. */
  readonly isBought: boolean
}

/** One site: what the owner has, until when, and what they can do. */
export const SiteView = ({ id, part, isBought }: SiteViewProps) => {
  useTop()
  const { t } = usePage()
  const may = useMay()
  const query = useSite(id)
  const { data: site } = query
  const plans = useOfferedPlans()
  useTitle(site?.name, t(`part.${part}`))
  if (query.error instanceof ApiError && query.error.status === 404) return <SiteElsewhere id={id} />
  if (site === undefined)
    return <View title={t('facts.title')} aside={<a href="#/">{t('site.all')}</a>} query={query} />
  const contents: Readonly<Record<SitePart, ReactNode>> = {
    overview: <SiteOverview site={site} />,
    environments: <SiteEnvironments site={site} />,
    plans: <SitePlans site={site} isBought={isBought} />,
    domains: <SiteDomains site={site} />,
    copies: <SiteCopies site={site} />,
    sharing: <SiteSharing site={site} />,
    history: <SiteHistory site={site} />,
    settings: <SiteSettings site={site} />,
  }
  const plan = plans.find((known) => known.id === site.plan)
  // An environment has the plan of its site, and an address of its own.
  const isSite = site.environment === undefined
  const shown: Readonly<Partial<Record<SitePart, boolean>>> = {
    environments: hasEnvironments(site, plan),
    plans: isSite && may('getBilling'),
    domains: isSite,
    sharing: isSite && may('listSummaryLinks'),
    settings: may('changeSite', site) || may('deleteSite'),
  }
  const always: readonly SitePart[] = ['overview', 'history']
  const parts = siteParts.filter((known) => always.includes(known) || (isKept(site) && shown[known] !== false))
  const selected = parts.includes(part) ? part : 'overview'
  return (
    <div className="view">
      <SiteHead site={site} part={selected} />
      <Stale isStale={query.isError} />
      <Tabs
        label={t('site.parts')}
        selected={selected}
        onSelect={(chosen) => {
          const found = siteParts.find((known) => known === chosen)
          if (found !== undefined && found !== part) location.hash = siteHash(id, found)
        }}
        tabs={parts.map((known) => ({ id: known, title: t(`part.${known}`), content: contents[known] }))}
      />
    </div>
  )
}
