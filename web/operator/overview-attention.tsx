import type { components } from '../api/openapi.d.ts'
import { Panel } from '../ui/panel.tsx'
import { Table } from '../ui/table.tsx'
import { ActDialog } from './act-dialog.tsx'
import { ActsRow } from './acts-row.tsx'
import { SiteStatus, useNow, usePage, usePermitted, useRollouts, useTrials } from './page.tsx'
import { hashOf } from './routes.ts'

type Overview = components['schemas']['Overview']
interface PartProps {
  readonly overview: Overview
}

type Failure = Overview['failures'][number]

/** What retries a failure: a dialog here, or the view that has the button. */
const Retry = ({ failure: { siteId, hostname, retry } }: { readonly failure: Failure }) => {
  const { t } = usePage()
  const isPermitted = usePermitted()
  if (retry === null) return '–'
  if (retry.path.includes('/rollouts/') && isPermitted('operatorListRollouts'))
    return <a href={hashOf({ name: 'rollouts' })}>{t('nav.rollouts')}</a>
  if (!retry.path.endsWith('/retry') || !isPermitted('operatorRetry'))
    return (
      <a
        href={hashOf({ name: 'site', id: siteId, part: 'facts' })}
        aria-label={`${t('failure.see-site')}: ${hostname ?? siteId}`}
      >
        {t('failure.see-site')}
      </a>
    )
  const site = { id: siteId, name: hostname, version: 0, plan: '' }
  return (
    <ActsRow
      acts={[{ id: 'retry', label: t('act.retry'), of: hostname ?? siteId }]}
      refreshes={['overview']}
      dialogOf={(_, open) => <ActDialog site={site} act="retry" {...open} />}
    />
  )
}

const Failures = ({ overview: { failures } }: PartProps) => {
  const { t, format } = usePage()
  const now = useNow()
  return (
    <div className="panel-part">
      <h3>{t('overview.failures')}</h3>
      <Table
        caption={t('overview.failures')}
        rows={failures}
        idOf={({ id }) => id}
        hrefOf={({ siteId }) => hashOf({ name: 'site', id: siteId, part: 'failures' })}
        columns={[
          { title: t('site.site'), cell: ({ hostname, siteId }) => hostname ?? siteId },
          {
            title: t('failure.cause'),
            cell: ({ cause, detail }) => (
              <>
                {t(`cause.${cause}`)}
                {detail === null ? null : <small lang="en">{detail}</small>}
              </>
            ),
          },
          { title: t('failure.during'), from: 'medium', cell: ({ during }) => t(`during.${during}`) },
          { title: t('failure.at'), from: 'medium', cell: ({ at }) => format.fromNow(at, now) },
          {
            title: t('site.status'),
            from: 'wide',
            variant: 'state',
            cell: ({ status }) => (status === null ? '–' : <SiteStatus status={status} />),
          },
          { title: t('failure.action'), from: 'medium', cell: (failure) => <Retry failure={failure} /> },
        ]}
      />
    </div>
  )
}

const steps = ['suspend', 'archive', 'purge'] as const

const when = (isSo: boolean, tone: 'danger' | 'warning' | 'info', text: string, href?: string) =>
  isSo ? [{ tone, text, href }] : []

/** What somebody should look at now, the worst first; undefined until everything is known. */
const useAttention = ({ pools, due, brake }: Overview) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const canReadRollouts = isPermitted('operatorListRollouts')
  const { data } = useRollouts(canReadRollouts)
  const trials = useTrials().data
  if (trials === undefined || (canReadRollouts && data === undefined)) return undefined
  const ends = steps.filter((step) => due.steps[step] > 0)
  const said = format.list(ends.map((step) => t(`due.${step}`, { count: format.number(due.steps[step]) })))
  const toRollouts = hashOf({ name: 'rollouts' })
  const toBlueprints = isPermitted('operatorListBlueprints') ? hashOf({ name: 'blueprints' }) : undefined
  const toDue = hashOf({ name: 'sites', view: { order: 'due-first' } })
  return [
    ...(data?.rollouts ?? []).flatMap(({ blueprint: name, version, state }) =>
      when(state === 'halted', 'danger', t('attention.rollout', { name, version }), toRollouts),
    ),
    ...pools.flatMap(({ blueprint, ready, target }) =>
      when(ready === 0 && target > 0, 'warning', t('attention.pool', { blueprint, target }), toBlueprints),
    ),
    ...when(trials.paused, 'warning', t('trials.paused')),
    ...when(trials.waiting > 0, 'info', t('attention.waiting', { waiting: format.number(trials.waiting) })),
    ...when(brake.waiting > 0, 'info', `${t('brake.waiting')}: ${format.number(brake.waiting)}`),
    ...when(said !== '', 'info', t('attention.due', { steps: said, more: due.isComplete ? '' : '+' }), toDue),
  ]
}

/** What needs somebody, before everything else. */
export const Attention = ({ overview }: PartProps) => {
  const { t } = usePage()
  const items = useAttention(overview)
  const isCalm = overview.failures.length === 0 && overview.brake.tripped === null
  if (isCalm && items?.length === 0) return <p className="calm">{t('attention.none')}</p>
  if (items === undefined && isCalm) return null
  return (
    <Panel title={t('attention.title')} variant="wide">
      <ul className="attention">
        {items?.map(({ tone, text, href }) => (
          <li key={text} data-tone={tone}>
            {href === undefined ? text : <a href={href}>{text}</a>}
          </li>
        ))}
      </ul>
      {overview.failures.length === 0 ? null : <Failures overview={overview} />}
    </Panel>
  )
}
