import { type ReactNode, useState } from 'react'
import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { Facts, Notice, Panel } from '../ui/panel.tsx'
import { Loaded, Stale, useTop, View } from '../ui/state.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { useTitle } from '../ui/use-page.ts'
import { ActDialog, dangerous } from './act-dialog.tsx'
import { actsFor, type OperatorSite } from './acts.ts'
import { ActsRow } from './acts-row.tsx'
import { SiteStatus, useNames, usePage, usePermitted } from './page.tsx'
import { hashOf, type SitePart, siteParts } from './routes.ts'
import { SiteConfiguration } from './site-configuration.tsx'
import { SiteFacts } from './site-facts.tsx'
import { SiteTimeline } from './site-history.tsx'
import { SiteFailures, SiteLogs } from './site-logs.tsx'
import { SiteRelocation } from './site-relocation.tsx'

type Billing = components['schemas']['OperatorBilling']
type Subscription = NonNullable<Billing['stripe']>['subscriptions'][number]

const SubscriptionFacts = ({ of }: { readonly of: Subscription }) => {
  const { t, format, find } = usePage()
  const names = useNames()
  const word = (isTrue: boolean) => (isTrue ? t('billing.yes') : t('billing.no'))
  return (
    <Facts
      facts={[
        [t('billing.state'), find(`billing-state.${of.state}`) ?? of.state],
        [t('site.plan'), of.plan === null ? '–' : names.plan(of.plan)],
        [t('billing.interval'), find(`billing-interval.${of.interval}`) ?? '–'],
        [t('billing.paid-through'), of.paidThrough === null ? '–' : format.date(of.paidThrough)],
        [t('billing.cancels'), word(of.cancelsAtPeriodEnd)],
        [t('billing.disputed'), word(of.isDisputed)],
        [t('billing.subscription'), of.subscriptionId],
      ]}
    />
  )
}

const AtStripe = ({ stripe }: { readonly stripe: NonNullable<Billing['stripe']> }) => {
  const { t } = usePage()
  if (stripe.failure !== null)
    return (
      <Notice tone="warning" title={t('billing.stripe-failed')}>
        <span lang="en">{stripe.failure}</span>
      </Notice>
    )
  return (
    <>
      {stripe.differences.length === 0 ? <Notice tone="good">{t('billing.same')}</Notice> : null}
      {stripe.differences.map(({ field, ours, stripe: theirs }) => (
        <Notice key={field} tone="danger">
          {t('billing.difference', { field, ours: ours ?? '–', stripe: theirs ?? '–' })}
        </Notice>
      ))}
      {stripe.subscriptions.map((subscription) => (
        <SubscriptionFacts key={subscription.subscriptionId} of={subscription} />
      ))}
    </>
  )
}

/** The billing of a site by our record and, on demand, by Stripe. */
const SiteBilling = ({ id }: { readonly id: string }) => {
  const { t } = usePage()
  const [stripe, setStripe] = useState<'true' | 'false'>('false')
  const query = useRead(['billing', id, stripe], (signal) =>
    api.GET('/v1/operator/sites/{id}/billing', { params: { path: { id }, query: { stripe } }, signal }),
  )
  return (
    <Loaded query={query}>
      {(data) => (
        <div className="panels">
          <Panel title={t('billing.ours')} variant="half">
            {data.record === null ? <p>{t('billing.none')}</p> : <SubscriptionFacts of={data.record} />}
          </Panel>
          <Panel title="Stripe" variant="half">
            {data.stripe === null ? (
              <Button tone="quiet" onClick={() => setStripe('true')}>
                {t('billing.ask')}
              </Button>
            ) : (
              <AtStripe stripe={data.stripe} />
            )}
          </Panel>
        </div>
      )}
    </Loaded>
  )
}

const operationOf = {
  facts: 'operatorGetSite',
  timeline: 'operatorGetTimeline',
  failures: 'operatorListFailures',
  logs: 'operatorReadLogs',
  billing: 'operatorGetSiteBilling',
  configuration: 'operatorGetConfiguration',
  relocation: 'operatorDraftRelocation',
} as const satisfies Record<SitePart, string>

const Acts = ({ site }: { readonly site: OperatorSite }) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  return (
    <ActsRow
      acts={actsFor(site, isPermitted).map((id) => ({
        id,
        label: t(`act.${id}`),
        isDangerous: dangerous.includes(id),
      }))}
      refreshes={['site', 'sites', 'timeline', 'failures']}
      dialogOf={({ id }, open) => <ActDialog site={site} act={id} {...open} />}
    />
  )
}

interface SiteViewProps {
  readonly id: string
  readonly part: SitePart
  readonly cursor: string | undefined
}

/** One site: what it is, what happened to it, and what an operator can do. */
export const SiteView = ({ id, part: asked, cursor }: SiteViewProps) => {
  useTop()
  const { t } = usePage()
  const names = useNames()
  const isPermitted = usePermitted()
  const tabs = siteParts.filter((known) => isPermitted(operationOf[known]))
  // A link may be to a part that is kept from this role.
  const part = tabs.includes(asked) ? asked : 'facts'
  const query = useRead(
    ['site', id],
    (signal) => api.GET('/v1/operator/sites/{id}', { params: { path: { id } }, signal }),
    { every: 10 },
  )
  const { data: site } = query
  useTitle(site?.name ?? id, t(`part.${part}`))
  if (site === undefined) return <View title={t('site.site')} query={query} />
  const contents: Readonly<Record<SitePart, ReactNode>> = {
    facts: <SiteFacts site={site} />,
    timeline: <SiteTimeline id={id} cursor={cursor} />,
    failures: <SiteFailures id={id} />,
    logs: <SiteLogs id={id} />,
    billing: <SiteBilling id={id} />,
    configuration: <SiteConfiguration id={id} />,
    relocation: <SiteRelocation site={site} />,
  }
  return (
    <div className="view">
      <div className="view-head">
        <div>
          <h1>
            {site.name ?? site.id} <SiteStatus status={site.status} />
          </h1>
          <p className="quiet-text">
            {site.url === null ? null : (
              <a href={site.url} target="_blank" rel="noopener">
                {site.hostname}
              </a>
            )}
            {site.url === null || site.owner === null ? null : ' · '}
            {site.owner?.email}
            {site.owner === null ? null : ' · '}
            {names.plan(site.plan)}
          </p>
        </div>
        <Acts site={site} />
      </div>
      <Stale isStale={query.isError} />
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
