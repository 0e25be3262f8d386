import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api, base, bodyOf, chosenAccount } from '../api/client.ts'
import { mayHaveTrial } from '../api/open-offer.ts'
import { Button, LinkButton } from '../ui/button.tsx'
import { Notice } from '../ui/panel.tsx'
import { Empty, Stale, useTop, View } from '../ui/state.tsx'
import { pollInterval, useAccounts, usePage } from './page.ts'
import { siteHash } from './routes.ts'
import { OpenSite, SiteState, StateBadge } from './site-state.tsx'
import { addressOf, isLive, type Site } from './site-words.ts'
import { TrialRing } from './status-cards.tsx'

const useSites = () => {
  const first: string | undefined = undefined
  return useInfiniteQuery({
    queryKey: ['sites'],
    initialPageParam: first,
    queryFn: ({ pageParam, signal }: { readonly pageParam: string | undefined; readonly signal: AbortSignal }) => {
      const query = pageParam === undefined ? {} : { cursor: pageParam }
      return bodyOf(api.GET('/v1/sites', { params: { query }, signal }))
    },
    getNextPageParam: ({ cursor }) => cursor,
    refetchInterval: ({ state: { data, error } }) =>
      pollInterval(
        data?.pages.flatMap(({ sites }) => sites),
        error,
      ),
  })
}

const SiteCard = ({ site, isFocused }: { readonly site: Site; readonly isFocused: boolean }) => {
  const { t } = usePage()
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (isFocused) link.current?.focus()
  }, [isFocused])
  return (
    <li className="panel site-card">
      <TrialRing site={site} />
      <div className="site-state">
        <h2>
          <a ref={link} href={siteHash(site.id, 'overview')}>
            <bdi>{site.name}</bdi>
          </a>{' '}
          <StateBadge site={site} />
        </h2>
        <p className="quiet-text">
          {addressOf(site)} · {t('facts.plan')}: {site.planName}
        </p>
        <SiteState site={site} />
      </div>
      <div className="actions">
        {isLive(site) ? <OpenSite site={site} /> : null}
        <LinkButton tone="quiet" href={siteHash(site.id, 'overview')}>
          {t('sites.manage')}
        </LinkButton>
      </div>
    </li>
  )
}

/** The sites of the account. Who has none, here and in a team, goes to create one. */
export const SitesView = () => {
  useTop()
  const { t, settings, sayProblem } = usePage()
  const query = useSites()
  const [focused, setFocused] = useState<string>()
  const sites = query.data?.pages.flatMap((page) => page.sites)
  const isWithoutSites = sites?.length === 0
  const isOwn = chosenAccount === null
  const accounts = useAccounts()
  // A member of a team has not come to create a site.
  const hasTeams = (accounts.data?.length ?? 1) > 1
  const isNew = isWithoutSites && isOwn && !accounts.isPending && !hasTeams
  useEffect(() => {
    if (isNew) location.replace(`${base()}/#/new`)
  }, [isNew])
  const isWaiting = isNew || (isWithoutSites && isOwn && accounts.isPending)
  if (sites === undefined || isWaiting) return <View title={t('sites.title')} query={{ ...query, data: undefined }} />
  const mayCreate = isOwn && !query.hasNextPage && mayHaveTrial(sites, settings)
  const showMore = async () => {
    const { data, isError } = await query.fetchNextPage()
    if (!isError) setFocused(data?.pages.at(-1)?.sites[0]?.id)
  }
  return (
    <div className="view">
      <div className="view-head">
        <h1>{t('sites.title')}</h1>
        {mayCreate ? <LinkButton href={`${base()}/#/new`}>{t('sites.create')}</LinkButton> : null}
      </div>
      <Stale isStale={query.isRefetchError} />
      {isWithoutSites ? <Empty>{isOwn ? t('sites.in-team') : null}</Empty> : null}
      <ul className="site-cards">
        {sites.map((site) => (
          <SiteCard key={site.id} site={site} isFocused={site.id === focused} />
        ))}
      </ul>
      {query.isFetchNextPageError ? <Notice tone="danger">{sayProblem(query.error)}</Notice> : null}
      {query.hasNextPage ? (
        <div className="actions">
          <Button tone="quiet" isBusy={query.isFetchingNextPage} onClick={showMore}>
            {t('table.more')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}
