import { useQuery } from '@tanstack/react-query'
import { ApiError } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import type { PageProps } from '../settings.ts'
import { BarChart } from '../ui/bar-chart.tsx'
import { Page } from '../ui/page.tsx'
import { type Fact, Facts, Panel } from '../ui/panel.tsx'
import { showPage } from '../ui/show-page.tsx'
import { GonePage, State } from '../ui/state.tsx'
import { useHash } from '../ui/use-page.ts'
import { usePage } from './use-page.ts'

type Summary = components['schemas']['SiteSummary']

const Site = ({ summary }: { readonly summary: Summary }) => {
  const { t, format } = usePage()
  const { plan, trialEndsAt, dataLocation, lastCopyAt } = summary
  const prices = plan.prices.map((price) => t(`price.${price.interval}`, { price: format.money(price) })).join(', ')
  const facts: readonly (Fact | undefined)[] = [
    [t('facts.address'), <a key="url" href={summary.url}>{`${summary.url}`}</a>],
    [t('facts.state'), t(`state.${summary.status}`)],
    [t('facts.since'), format.date(summary.since)],
    [t('facts.plan'), plan.name],
    prices === '' ? undefined : [t('facts.price'), prices],
    trialEndsAt === null ? undefined : [t('facts.trial'), format.date(trialEndsAt)],
    dataLocation === null ? undefined : [t('facts.location'), dataLocation],
    [t('facts.copy'), lastCopyAt === null ? t('facts.none') : format.date(lastCopyAt)],
  ]
  return (
    <Panel title={t('facts.title')}>
      <Facts facts={facts.filter((fact) => fact !== undefined)} />
    </Panel>
  )
}

const Use = ({ usage }: { readonly usage: Summary['usage'] }) => {
  const { t, format } = usePage()
  const visitors = Math.max(0, ...usage.days.map((day) => day.visitors ?? 0))
  // Counts follow a visit within an hour.
  const isCounting = usage.days.length === 0 && usage.lastUsedAt !== null && usage.lastUsedAt >= usage.from
  const count = (figure: number): string => (isCounting ? t('use.counting') : format.number(figure))
  return (
    <Panel title={t('use.title')}>
      {usage.days.length === 0 ? null : (
        <BarChart
          summary={t('use.summary', { requests: format.number(usage.requests) })}
          series={[{ name: t('use.requests'), values: usage.days.map(({ requests }) => requests) }]}
          first={format.date(usage.days[0]?.start ?? usage.from)}
          last={format.date(usage.days.at(-1)?.start ?? usage.until)}
        />
      )}
      <Facts
        facts={[
          [t('use.requests'), count(usage.requests)],
          [t('use.errors'), count(usage.errors)],
          [t('use.visitors'), count(visitors)],
          [t('use.last'), usage.lastUsedAt === null ? t('use.never') : format.date(usage.lastUsedAt)],
        ]}
      />
    </Panel>
  )
}

const Content = () => {
  const { t, nodes, format } = usePage()
  const token = useHash().slice(1)
  const query = useQuery({
    queryKey: ['summary', token],
    queryFn: () => bodyOf(api.POST('/v1/site-summaries', { body: { token } })),
  })
  if (query.error instanceof ApiError && [400, 404].includes(query.error.status)) {
    return <GonePage title={t('gone.title')}>{t('gone.text')}</GonePage>
  }
  if (query.data === undefined) return <State query={query} />
  const { contact } = query.data
  return (
    <>
      <h1>{query.data.name}</h1>
      <p className="quiet-text">{t('lead', { at: format.instant(query.data.expiresAt) })}</p>
      <div className="panels">
        <Site summary={query.data} />
        <Use usage={query.data.usage} />
      </div>
      <p>{nodes('questions.text', { contact: <a href={`mailto:${contact}`}>{contact}</a> })}</p>
    </>
  )
}

/** The read-only page about a site, for everybody who has its link. */
const SharedPage = (props: PageProps) => (
  <Page {...props}>
    <div className="shared">
      <Content />
    </div>
  </Page>
)

await showPage(SharedPage)
