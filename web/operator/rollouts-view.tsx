import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import { Badge, Disclosure, Facts, Notice, Panel, Progress } from '../ui/panel.tsx'
import { Empty, View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Controls } from './acts-row.tsx'
import { StartRollout } from './blueprints-view.tsx'
import { useBlueprints, usePage, usePermitted, useRollouts } from './page.tsx'
import { type CellRollout, type Rollout, rolloutActsFor } from './rollout-acts.ts'
import { hashOf } from './routes.ts'

/** What the evidence says, or the error if it names no cause. */
const causeCell = (t: ReturnType<typeof usePage>['t'], cause: Rollout['failed'][number]['cause'], error: string) =>
  cause === undefined || cause === 'unknown' ? <span lang="en">{error}</span> : t(`cause.${cause}`)

const toneOf = ({ state, because }: Pick<Rollout, 'state' | 'because'>) =>
  because !== null ? 'danger' : state === 'finished' ? 'good' : state === 'running' ? 'info' : 'warning'

/** How far each wave goes, how much of it is done, and which is on. The last one has all other sites. */
const Waves = ({ rollout }: { readonly rollout: Rollout }) => {
  const { t, format } = usePage()
  const { waves, wave, sites, state, done, assigned, skipped, failed } = rollout
  const total = Math.max(1, sites ?? 0)
  const taken = state === 'finished' ? total : done + assigned + skipped + failed.length
  const ends = [
    ...waves.map((one) => Math.min(total, 'sites' in one ? one.sites : Math.ceil((total * one.percent) / 100))),
    total,
  ]
  return (
    <ol className="waves">
      {ends.map((end, index) => {
        const start = ends[index - 1] ?? 0
        const size = Math.max(0, end - start)
        const isPresent = index === wave - 1 && state !== 'finished'
        const name = index === waves.length ? t('rollout.the-rest') : t('rollout.wave-of', { wave: index + 1 })
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place.
          <li key={index} style={{ flexGrow: size }} aria-current={isPresent ? 'step' : undefined}>
            <Progress label={name} percent={(100 * Math.min(size, Math.max(0, taken - start))) / Math.max(1, size)} />
            {name}
            <small>{sites === null ? '' : t('rollout.sites', { count: format.number(size) })}</small>
          </li>
        )
      })}
    </ol>
  )
}

interface SitesProps {
  readonly title: string
  readonly caption: string
  /** Names what is said of each site. */
  readonly column: string
  readonly part: 'failures' | 'facts'
  readonly rows: readonly { readonly siteId: string; readonly what: ReactNode }[]
}

/** The sites of a roll-out that somebody may have to look at, to open. */
const Sites = ({ title, caption, column, part, rows }: SitesProps) => {
  const { t } = usePage()
  if (rows.length === 0) return null
  return (
    <Disclosure title={`${title}: ${rows.length}`}>
      <Table
        caption={caption}
        rows={rows}
        idOf={({ siteId }) => siteId}
        hrefOf={({ siteId: id }) => hashOf({ name: 'site', id, part })}
        columns={[
          { title: t('site.site'), cell: ({ siteId }) => siteId },
          { title: column, cell: ({ what }) => what },
        ]}
      />
    </Disclosure>
  )
}

const RolloutPanel = ({ rollout }: { readonly rollout: Rollout }) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const { blueprint, version, state, because, sites, done, assigned, skipped, failed, wave, bakingUntil } = rollout
  const controls = rolloutActsFor(rollout, isPermitted).map((act) => ({
    id: act,
    label: t(`rollout.${act}`),
    of: blueprint,
    effect: t(`rollout.${act}-effect`, { version, wave, failed: failed.length, done }),
    isDangerous: act === 'abort',
    perform: (reason: string) =>
      api.POST(`/v1/operator/rollouts/{blueprint}/${act}`, { params: { path: { blueprint } }, body: { reason } }),
  }))
  return (
    <Panel
      title={t('facts.version', { name: blueprint, version })}
      variant="half"
      aside={<Badge tone={toneOf(rollout)}>{t(`rollout-state.${state}`)}</Badge>}
    >
      {because === null ? null : <Notice tone="danger">{t(`halted.${because}`)}</Notice>}
      <Waves rollout={rollout} />
      <Facts
        facts={[
          [t('rollout.done'), sites === null ? done : t('brake.used', { used: done, allowed: sites })],
          [t('rollout.in-progress'), rollout.inProgress.length],
          [t('rollout.assigned'), assigned],
          [t('rollout.skipped'), skipped],
          [t('rollout.failed'), t('rollout.budget', { failed: failed.length, max: rollout.failureBudget })],
          [t('rollout.baking'), bakingUntil === null ? '–' : format.instant(bakingUntil)],
          [t('rollout.started'), format.instant(rollout.startedAt)],
          [t('act.reason'), rollout.reason],
        ]}
      />
      <Sites
        title={t('rollout.failed')}
        caption={t('rollout.failed')}
        column={t('failure.cause')}
        part="failures"
        rows={failed.map(({ siteId, cause, because: error }) => ({ siteId, what: causeCell(t, cause, error) }))}
      />
      <Controls controls={controls} refresh="rollouts" />
    </Panel>
  )
}

const CellRolloutPanel = ({ rollout }: { readonly rollout: CellRollout }) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const { cell, kind, state, sites, done, skipped, failed, held, restored } = rollout
  const title = t(`rollout.${kind}`, { cell })
  const isEnded = state === 'finished' && isPermitted('operatorAbortRollout')
  const acts = [...rolloutActsFor(rollout, isPermitted), ...(isEnded ? (['open'] as const) : [])]
  const controls = acts.map((act) => ({
    id: act,
    label: t(`rollout.${act}`),
    of: cell,
    effect:
      act === 'abort'
        ? t('rollout.abort-cell-effect')
        : t(`rollout.${act}-effect`, { wave: rollout.wave, done, failed: failed.length, version: cell }),
    isDangerous: act === 'abort',
    perform: (reason: string) =>
      api.POST(`/v1/operator/rollouts/{blueprint}/${act === 'open' ? 'abort' : act}`, {
        params: { path: { blueprint: `cell:${cell}` } },
        body: { reason },
      }),
  }))
  const listed = [
    ...failed.map(({ siteId, because: error, cause }) => ({
      siteId,
      what: (
        <>
          {t('rollout.failed')}: {causeCell(t, cause, error)}
        </>
      ),
    })),
    ...held.map(({ siteId, because: why }) => ({ siteId, what: `${t('rollout.held')}: ${t(`rollout.hold-${why}`)}` })),
    ...restored.map(({ siteId, archiveAt: at }) => ({
      siteId,
      what: `${t('rollout.archive-of')}: ${format.instant(at)}`,
    })),
  ]
  return (
    <Panel title={title} variant="half" aside={<Badge tone={toneOf(rollout)}>{t(`rollout-state.${state}`)}</Badge>}>
      <Progress
        label={t('rollout.left')}
        percent={(100 * (done + skipped + failed.length + held.length)) / Math.max(1, sites ?? 0)}
      />
      <Facts
        facts={[
          [t('rollout.left'), sites === null ? done : t('brake.used', { used: done, allowed: sites })],
          [t('rollout.in-progress'), rollout.inProgress.length],
          [t('rollout.failed'), t('rollout.budget', { failed: failed.length, max: rollout.failureBudget })],
          [t('rollout.held'), held.length],
          [t('rollout.started'), format.instant(rollout.startedAt)],
          [t('act.reason'), rollout.reason],
        ]}
      />
      <Sites title={t('nav.sites')} caption={title} column={t('cells.state')} part="facts" rows={listed} />
      <Controls controls={controls} refresh="rollouts" />
    </Panel>
  )
}

export const RolloutsView = () => {
  const { t } = usePage()
  const canStart = usePermitted()('operatorStartRollout')
  const blueprints = useBlueprints(canStart).data?.blueprints ?? []
  const query = useRollouts()
  return (
    <View
      title={t('nav.rollouts')}
      query={query}
      aside={canStart && query.data ? <StartRollout blueprints={blueprints} rollouts={query.data.rollouts} /> : null}
    >
      {({ rollouts, cells }) => (
        <>
          {rollouts.length + cells.length === 0 ? <Empty>{t('rollout.none')}</Empty> : null}
          <div className="panels">
            {cells.map((rollout) => (
              <CellRolloutPanel key={rollout.cell} rollout={rollout} />
            ))}
            {rollouts.map((rollout) => (
              <RolloutPanel key={rollout.blueprint} rollout={rollout} />
            ))}
          </div>
        </>
      )}
    </View>
  )
}
