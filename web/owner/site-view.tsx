import type { ReactNode } from 'react'
import { Stale, State } from '../ui/state.tsx'
import { Tabs } from '../ui/tabs.tsx'
import type { SitePart } from './routes.ts'
import { siteHash, siteParts } from './routes.ts'
import { SiteCopies } from './site-copies.tsx'
import { SiteDomains } from './site-domains.tsx'
import { SiteHistory } from './site-history.tsx'
import { SiteSharing } from './site-sharing.tsx'
import { SiteUsage } from './site-usage.tsx'
import { usePage } from './use-page.ts'
import { useSite } from './use-site.ts'

interface SiteViewProps {
  readonly id: string
  readonly part: SitePart
  /** Whether Stripe sent the owner here after a purchase. */
  readonly isBought: boolean
}

/** One site: what the owner has, until when, and what they can do. */
export const SiteView = ({ id, part }: SiteViewProps) => {
  const { t } = usePage()
  const query = useSite(id)
  const { data: site } = query
  if (site === undefined) return <State query={query} />
  const contents: Readonly<Record<SitePart, ReactNode>> = {
    overview: <SiteUsage site={site} />,
    plans: null,
    domains: <SiteDomains site={site} />,
    copies: <SiteCopies site={site} />,
    sharing: <SiteSharing site={site} />,
    history: <SiteHistory site={site} />,
    settings: null,
  }
  return (
    <div className="view">
      <h1>{site.name}</h1>
      <Stale isStale={query.isError} />
      <Tabs
        label={t('site.parts')}
        selected={part}
        onSelect={(chosen) => {
          const found = siteParts.find((known) => known === chosen)
          if (found !== undefined && found !== part) location.hash = siteHash(id, found)
        }}
        tabs={siteParts.map((known) => ({ id: known, title: t(`part.${known}`), content: contents[known] }))}
      />
    </div>
  )
}
