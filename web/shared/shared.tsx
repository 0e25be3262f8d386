import { useMutation } from '@tanstack/react-query'
import { ApiError, api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import type { PageProps } from '../settings.ts'
import type { catalogue } from '../texts/catalogues/shared.ts'
import { BarChart } from '../ui/bar-chart.tsx'
import { Button, Failure } from '../ui/button.tsx'
import { usageDays } from '../ui/chart-data.ts'
import { Page } from '../ui/page.tsx'
import { Facts, Notice, Panel } from '../ui/panel.tsx'
import { showPage } from '../ui/show-page.tsx'
import { GonePage, State } from '../ui/state.tsx'
import { useHash, usePageOf } from '../ui/use-page.ts'

const usePage = () => usePageOf<keyof typeof catalogue>()

type Summary = components['schemas']['SiteSummary']

const Site = ({ summary }: { readonly summary: Summary }) => {
  const { t, format } = usePage()
  const { plan, trialEndsAt } = summary
  return (
    <Panel title={t('facts.title')}>
      <Facts
        facts={[
          [t('facts.address'), <a key="url" href={summary.url}>{`${summary.url}`}</a>],
          [t('facts.state'), t(`state.${summary.status}`)],
          [t('facts.since'), format.date(summary.since)],
          [t('facts.plan'), plan.name],
          trialEndsAt === null ? undefined : [t('facts.trial'), format.date(trialEndsAt)],
        ]}
      />
    </Panel>
  )
}

/** What it costs, and a button that tells the owner to go on. */
const Decision = ({ summary, token }: { readonly summary: Summary; readonly token: string }) => {
  const { t, format } = usePage()
  const { price, plan } = summary
  const approving = useMutation({ mutationFn: () => api.POST('/v1/site-summaries/approvals', { body: { token } }) })
  const values = { price: price === null ? '' : format.money(price), plan: price?.plan ?? plan.name }
  return (
    <Panel title={t('price.title')}>
      <p className="figure">{price === null ? t('price.agreed') : t(`price.${price.interval}`, values)}</p>
      <p className="quiet-text">
        {t(plan.kind === 'trial' && price !== null ? 'price.after-trial' : 'price.now', values)}
      </p>
      {approving.isSuccess ? (
        <Notice tone="good">{t('approve.done')}</Notice>
      ) : (
        <>
          <div className="actions">
            <Button isBusy={approving.isPending} onClick={() => approving.mutate()}>
              {t('approve.act')}
            </Button>
          </div>
          <p className="hint">{t('approve.hint')}</p>
        </>
      )}
      <Failure error={approving.error} />
    </Panel>
  )
}

/** Answers the questions of people who are responsible for the data. */
const Security = ({ summary: { url, dataLocation, lastCopyAt } }: { readonly summary: Summary }) => {
  const { t, format } = usePage()
  const facts = [
    dataLocation === null ? undefined : t('security.location', { place: dataLocation }),
    url.startsWith('https:') ? t('security.https') : undefined,
    t('security.own'),
    lastCopyAt === null ? t('security.copies') : t('security.last-copy', { at: format.date(lastCopyAt) }),
  ]
  return (
    <Panel title={t('security.title')}>
      <ul className="checks">{facts.map((fact) => (fact === undefined ? null : <li key={fact}>{fact}</li>))}</ul>
    </Panel>
  )
}

const Use = ({ usage }: { readonly usage: Summary['usage'] }) => {
  const { t, format } = usePage()
  // The same days as the owner sees, also those without a visit.
  const days = usageDays(usage.days, usage.from, usage.until)
  const visitors = Math.max(0, ...usage.days.map((day) => day.visitors ?? 0))
  // Counts follow a visit within an hour.
  const isCounting = usage.days.length === 0 && usage.lastUsedAt !== null && usage.lastUsedAt >= usage.from
  const count = (figure: number): string => (isCounting ? t('use.counting') : format.number(figure))
  return (
    <Panel title={t('use.title')}>
      {usage.days.length === 0 ? null : (
        <BarChart
          summary={t('use.summary', { requests: format.number(usage.requests) })}
          series={[{ name: t('use.requests'), values: days.map(({ requests }) => requests) }]}
          first={format.shortDate(days[0]?.at ?? usage.from)}
          last={format.shortDate(days.at(-1)?.at ?? usage.until)}
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
  const query = useRead(['summary', token], () => api.POST('/v1/site-summaries', { body: { token } }))
  if (query.error instanceof ApiError && [400, 404].includes(query.error.status)) {
    return <GonePage title={t('gone.title')}>{t('gone.text')}</GonePage>
  }
  if (query.data === undefined) return <State query={query} />
  const { contact } = query.data
  return (
    <>
      <h1>
        <bdi>{query.data.name}</bdi>
      </h1>
      <p className="quiet-text">{t('lead', { at: format.instant(query.data.expiresAt) })}</p>
      <div className="panels">
        <div className="view">
          <Decision summary={query.data} token={token} />
          <Security summary={query.data} />
        </div>
        <div className="view">
          <Use usage={query.data.usage} />
          <Site summary={query.data} />
        </div>
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
