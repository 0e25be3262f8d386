import { api } from '../api/client.ts'
import { useRead } from '../api/query-client.ts'
import { BarChart } from '../ui/bar-chart.tsx'
import { CopyButton } from '../ui/button.tsx'
import { uncountedBecause, usageDays } from '../ui/chart-data.ts'
import { Facts, Notice, Panel } from '../ui/panel.tsx'
import type { OperatorSite } from './acts.ts'
import { useNames, useNow, usePage } from './page.tsx'

const Warnings = ({ site }: { readonly site: OperatorSite }) => {
  const { t, format } = usePage()
  const { failure, suspended, downSince, heldSince, purgeRequest, storage, handOver } = site
  return (
    <>
      {failure === null ? null : (
        <Notice tone="danger" title={t('facts.failure', { step: failure.step, at: format.instant(failure.at) })}>
          <span lang="en">{failure.reason}</span>
        </Notice>
      )}
      {downSince === null ? null : <Notice tone="danger">{t('facts.down', { at: format.instant(downSince) })}</Notice>}
      {handOver?.status === 'failed' ? (
        <Notice tone="warning">{t('facts.hand-over', { reason: handOver.reason ?? '–' })}</Notice>
      ) : null}
      {suspended === null ? null : (
        <Notice tone="warning">
          {t('facts.suspended', { at: format.instant(suspended.at), because: t(`because.${suspended.because}`) })}
        </Notice>
      )}
      {purgeRequest === null ? null : (
        <Notice tone="warning">{t('facts.purge-request', { until: format.instant(purgeRequest.endsAt) })}</Notice>
      )}
      {heldSince === null ? null : <Notice>{t('facts.held', { at: format.instant(heldSince) })}</Notice>}
      {storage === null ? null : <Notice tone="warning">{t(`storage.${storage}`)}</Notice>}
    </>
  )
}

/** How the site is used, and what it brings in. Empty until both are known. */
const UseAndRevenue = ({ site: { id, status } }: { readonly site: OperatorSite }) => {
  const { t, format } = usePage()
  const params = { path: { id } }
  const isOwned = status !== 'ready' && status !== 'building' && status !== 'failed'
  const { data: use } = useRead(
    [`usage ${id}`],
    (signal) => api.GET('/v1/operator/sites/{id}/usage', { params, signal }),
    { enabled: isOwned, every: 300 },
  )
  const { data: billing } = useRead(
    [`billing ${id}`],
    (signal) => api.GET('/v1/operator/sites/{id}/billing', { params, signal }),
    { enabled: isOwned, every: 300 },
  )
  if (use === undefined || billing === undefined) return null
  const { record } = billing
  const days = usageDays(use.periods, use.from, use.until)
  const isCounted = use.periods.length > 0
  const sum = (of: 'requests' | 'errors') => format.number(days.reduce((total, day) => total + day[of], 0))
  const { usedBytes, maxBytes } = use.storage
  return (
    <>
      <Panel title={t('use.requests')} variant="half">
        {isCounted ? (
          <>
            <p className="figure">{sum('requests')}</p>
            <BarChart
              summary={t('use.chart', { count: sum('requests') })}
              series={[{ name: t('use.requests'), values: days.map(({ requests }) => requests) }]}
              labels={days.map(({ at }) => format.date(at))}
              first={format.shortDate(days[0]?.at ?? '')}
              last={format.shortDate(days.at(-1)?.at ?? '')}
            />
          </>
        ) : (
          <p>{t(`use.${uncountedBecause(use.lastUsedAt, use.from)}`)}</p>
        )}
      </Panel>
      <Panel title={t('use.title')} variant="half">
        <Facts
          facts={[
            [t('use.visitors'), isCounted ? format.number(Math.max(0, ...days.map(({ visitors }) => visitors))) : '–'],
            [t('use.errors'), isCounted ? sum('errors') : '–'],
            [t('use.last'), use.lastUsedAt === null ? '–' : format.instant(use.lastUsedAt)],
            [
              t('use.storage'),
              usedBytes === null
                ? '–'
                : t('brake.used', { used: format.bytes(usedBytes), allowed: format.bytes(maxBytes) }),
            ],
            [
              t('use.revenue'),
              record?.currency
                ? format.money({ amount: record.monthlyAmount, currency: record.currency })
                : t('use.no-revenue'),
            ],
            record?.paidThrough ? [t('billing.paid-through'), format.date(record.paidThrough)] : undefined,
          ]}
        />
      </Panel>
    </>
  )
}

export const SiteFacts = ({ site }: { readonly site: OperatorSite }) => {
  const { t, format } = usePage()
  const now = useNow()
  const names = useNames()
  const time = (at: string): string => `${format.instant(at)} (${format.fromNow(at, now)})`
  const { owner, nextStep, blueprint, dormantSince, upgradeDue, failedUpgrade } = site
  const cause = failedUpgrade?.cause ?? 'unknown'
  const { trialEndsAt } = site
  const nextCopy = site.copySchedule?.nextAt ?? null
  return (
    <div className="view">
      <Warnings site={site} />
      <div className="panels">
        <UseAndRevenue site={site} />
        <Panel title={t('facts.life')} variant="half">
          <Facts
            facts={[
              [t('site.next'), nextStep === null ? '–' : [t(`step.${nextStep.step}`), time(nextStep.at)].join(', ')],
              trialEndsAt !== null && [t('site.trial-ends'), time(trialEndsAt)],
              [t('site.created'), format.instant(site.createdAt)],
              [t('site.owned-since'), site.ownedSince === null ? '–' : format.instant(site.ownedSince)],
              [t('facts.extensions'), format.number(site.extensionsUsed)],
              [t('facts.copies'), format.number(site.archives)],
              nextCopy !== null && [t('facts.next-copy'), time(nextCopy)],
              site.operation !== null && [t('facts.operation'), t(`operation.${site.operation}`)],
              dormantSince !== null && [t('facts.dormant'), time(dormantSince)],
            ]}
          />
        </Panel>
        <Panel title={t('facts.place')} variant="half">
          <Facts
            facts={[
              [t('facts.owner'), owner?.email ?? t('site.nobody')],
              [t('site.plan'), names.plan(site.plan)],
              [t('pool.blueprint'), t('facts.version', { name: blueprint.name, version: blueprint.version })],
              upgradeDue !== null && [
                t('facts.upgrade-due'),
                t('facts.version', { name: blueprint.name, version: upgradeDue.to }),
              ],
              failedUpgrade !== null && [
                t('facts.failed-upgrade'),
                t('facts.failed-to', {
                  version: failedUpgrade.to,
                  cause: cause === 'unknown' ? failedUpgrade.because : t(`cause.${cause}`),
                  at: format.instant(failedUpgrade.at),
                }),
              ],
              [t('facts.cell'), site.cell],
              [t('facts.policy'), format.number(site.policyVersion)],
              [
                t('facts.id'),
                <>
                  {site.id}
                  <CopyButton text={site.id} of={t('facts.id')} />
                </>,
              ],
            ]}
          />
        </Panel>
      </div>
    </div>
  )
}
