import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { useRead } from '../api/query-client.ts'
import { Disclosure, Facts, Notice, Panel } from '../ui/panel.tsx'
import { Empty, View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Controls } from './acts-row.tsx'
import { usePage, usePermitted } from './page.tsx'
import { hashOf } from './routes.ts'

type Reconciliation = components['schemas']['BillingReconciliation']
type Report = NonNullable<Reconciliation['report']>

const needingPeople = ['refused', 'unreturned', 'disputed', 'withoutSite', 'withoutSubscription', 'left'] as const
const kinds = [...needingPeople, 'unusual', 'repaired', 'byArrangement'] as const

const rowOf = (one: Report[(typeof kinds)[number]]['first'][number]) => {
  if (typeof one === 'string') return { siteId: one, act: '', code: '' }
  return 'term' in one ? { siteId: one.siteId, act: one.subscriptionId, code: one.term } : one
}

/** What a reconciliation found: what needs a person comes first. */
const Differences = ({ report }: { readonly report: Report }) => {
  const { t } = usePage()
  const found = kinds.filter((kind) => report[kind].count > 0)
  if (found.length === 0) return <Notice tone="good">{t('reconciliation.same')}</Notice>
  return found.map((kind) => (
    <Disclosure key={kind} title={`${t(`found.${kind}`)}: ${report[kind].count}`}>
      <Table
        caption={t(`found.${kind}`)}
        rows={report[kind].first.map(rowOf)}
        idOf={({ siteId, act }) => `${siteId} ${act}`}
        columns={[
          {
            title: t('facts.id'),
            cell: ({ siteId: id }) =>
              id.startsWith('site_') ? <a href={hashOf({ name: 'site', id, part: 'billing' })}>{id}</a> : id,
          },
          {
            title: t('failure.cause'),
            cell: ({ act, code }) => <span lang="en">{`${act} ${code}`.trim() || '–'}</span>,
          },
        ]}
      />
    </Disclosure>
  ))
}

const Run = ({ data: { request, attempt, report } }: { readonly data: Reconciliation }) => {
  const { t, format } = usePage()
  return (
    <Panel title={t('reconciliation.last')} variant="half">
      {request?.waiting ? (
        <Notice title={t('reconciliation.waiting', { at: format.instant(request.at) })}>{request.reason}</Notice>
      ) : null}
      {attempt?.failedAt ? (
        <Notice tone="danger" title={t('reconciliation.failed', { at: format.instant(attempt.failedAt) })}>
          <span lang="en">{attempt.error}</span>
        </Notice>
      ) : null}
      {report === null ? (
        <Empty>{t('reconciliation.none')}</Empty>
      ) : (
        <Facts
          facts={[
            [t('reconciliation.ended'), format.instant(report.endedAt)],
            [t('reconciliation.subscriptions'), format.number(report.subscriptions)],
            [t('figure.revenue'), report.revenue.map((part) => format.money(part)).join(', ') || '–'],
          ]}
        />
      )}
    </Panel>
  )
}

/** The comparison of all subscriptions with Stripe. */
export const BillingView = () => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  const query = useRead(['reconciliation'], (signal) => api.GET('/v1/operator/billing', { signal }), { every: 10 })
  const start = {
    id: 'reconcile',
    label: t('reconciliation.start'),
    effect: t('reconciliation.effect'),
    perform: (reason: string) => api.POST('/v1/operator/billing/reconcile', { body: { reason } }),
  }
  return (
    <View
      title={t('nav.billing')}
      query={query}
      aside={<Controls controls={isPermitted('operatorReconcileBilling') ? [start] : []} refresh="reconciliation" />}
    >
      {(data) => (
        <div className="panels">
          <Run data={data} />
          {data.report === null ? null : (
            <Panel title={t('reconciliation.found')} variant="half">
              <Differences report={data.report} />
            </Panel>
          )}
        </div>
      )}
    </View>
  )
}
