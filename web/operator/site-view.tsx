import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { Stale, State } from '../ui/state.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { ActDialog } from './act-dialog.tsx'
import type { Act, OperatorSite } from './acts.ts'
import { actsFor } from './acts.ts'
import type { SitePart } from './routes.ts'
import { hashOf, siteParts } from './routes.ts'
import { usePermitted } from './session.ts'
import { SiteBilling } from './site-billing.tsx'
import { SiteFacts } from './site-facts.tsx'
import { SiteFailures, SiteTimeline } from './site-history.tsx'
import { SiteStatus } from './site-status.tsx'
import { usePage } from './use-page.ts'

const refreshMilliseconds = 10_000

const operationOf = {
  facts: 'operatorGetSite',
  timeline: 'operatorGetTimeline',
  failures: 'operatorListFailures',
  billing: 'operatorGetSiteBilling',
} as const satisfies Record<SitePart, string>

const Acts = ({ site }: { readonly site: OperatorSite }) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const queries = useQueryClient()
  const [act, setAct] = useState<Act>()
  const [done, setDone] = useState<Act>()
  const finish = (finished: Act): void => {
    setAct(undefined)
    setDone(finished)
    for (const key of ['site', 'timeline', 'failures']) queries.invalidateQueries({ queryKey: [key, site.id] })
    queries.invalidateQueries({ queryKey: ['sites'] })
  }
  return (
    <>
      <div className="actions">
        {actsFor(site, isPermitted).map((offered) => (
          <Button key={offered} tone="quiet" onClick={() => setAct(offered)}>
            {t(`act.${offered}`)}
          </Button>
        ))}
      </div>
      {done === undefined ? null : <Notice tone="good">{t('act.done', { act: t(`act.${done}`) })}</Notice>}
      {act === undefined ? null : <ActDialog site={site} act={act} onClose={() => setAct(undefined)} onDone={finish} />}
    </>
  )
}

interface SiteViewProps {
  readonly id: string
  readonly part: SitePart
}

/** One site: what it is, what happened to it, and what an operator can do. */
export const SiteView = ({ id, part }: SiteViewProps) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const query = useQuery({
    queryKey: ['site', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/operator/sites/{id}', { params: { path: { id } }, signal })),
    refetchInterval: refreshMilliseconds,
  })
  const { data: site } = query
  if (site === undefined)
    return (
      <div className="view">
        <h1>{t('site.site')}</h1>
        <State query={query} />
      </div>
    )
  const contents: Readonly<Record<SitePart, ReactNode>> = {
    facts: <SiteFacts site={site} />,
    timeline: <SiteTimeline id={id} />,
    failures: <SiteFailures id={id} />,
    billing: <SiteBilling id={id} />,
  }
  const tabs = siteParts.filter((known) => isPermitted(operationOf[known]))
  return (
    <div className="view">
      <div className="view-head">
        <h1>
          {site.name ?? site.id} <SiteStatus status={site.status} />
        </h1>
        {site.url === null ? null : (
          <a href={site.url} target="_blank" rel="noopener">
            {site.hostname}
          </a>
        )}
      </div>
      <Stale isStale={query.isError} />
      <Acts site={site} />
      <Tabs
        label={t('site.parts')}
        selected={part}
        onSelect={(chosen) => {
          const found = siteParts.find((known) => known === chosen)
          if (found !== undefined && found !== part) location.hash = hashOf({ name: 'site', id, part: found })
        }}
        tabs={tabs.map((known) => ({ id: known, title: t(`part.${known}`), content: contents[known] }))}
      />
    </div>
  )
}
