import type { ReactNode } from 'react'
import { Stale, View } from '../ui/state.tsx'
import { Tabs } from '../ui/tabs.tsx'
import { useTitle } from '../ui/use-page.ts'
import { useMay, usePage } from './page.ts'
import { type SitePart, siteHash, siteParts } from './routes.ts'
import { SiteCopies } from './site-copies.tsx'
import { SiteDomains } from './site-domains.tsx'
import { hasEnvironments, SiteEnvironments } from './site-environments.tsx'
import { SiteHead } from './site-head.tsx'
import { SiteHistory } from './site-history.tsx'
import { SiteOverview } from './site-overview.tsx'
import { SitePlans } from './site-plans.tsx'
import { SiteSettings } from './site-settings.tsx'
import { SiteSharing } from './site-sharing.tsx'
import { isKept } from './site-words.ts'
import { useOfferedPlans, useSite } from './use-site.ts'

interface SiteViewProps {
  readonly id: string
  readonly part: SitePart
  /** Whether Stripe sent the owner here after a purchase. */
  readonly isBought: boolean
}

/** One site: what the owner has, until when, and what they can do. */
export const SiteView = ({ id, part, isBought }: SiteViewProps) => {
  const { t } = usePage()
  const may = useMay()
  const query = useSite(id)
  const { data: site } = query
  const plans = useOfferedPlans()
  useTitle(site?.name, t(`part.${part}`))
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
