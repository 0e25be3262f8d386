import { api } from '../api/client.ts'
import { Checkbox, Select } from '../ui/field.tsx'
import { Badge, Disclosure, Facts, Notice, Panel, Progress } from '../ui/panel.tsx'
import { Empty, View } from '../ui/state.tsx'
import { Table } from '../ui/table.tsx'
import { Controls } from './acts-row.tsx'
import { usePage, usePermitted } from './page.ts'
import { useBlueprints, useRollouts } from './reads.ts'
import { type CellRollout, type Rollout, rolloutActsFor, versionsToOffer } from './rollout-acts.ts'
import { hashOf } from './routes.ts'

/** What the evidence says, or the error if it names no cause. */
const causeCell = (t: ReturnType<typeof usePage>['t'], cause: Rollout['failed'][number]['cause'], error: string) =>
  cause === undefined || cause === 'unknown' ? <span lang="en">{error}</span> : t(`cause.${cause}`)

const toneOf = ({ state, because }: Pick<Rollout, 'state' | 'because'>) =>
  because !== null ? 'danger' : state === 'finished' ? 'good' : state === 'running' ? 'info' : 'warning'

interface StartProps {
  readonly blueprints: Parameters<typeof versionsToOffer>[0]
  readonly rollouts: readonly Rollout[]
}

/** The button that starts a roll-out of a blueprint without an open one. */
export const StartRollout = ({ blueprints, rollouts }: StartProps) => {
  const { t } = usePage()
  const versions = versionsToOffer(blueprints, rollouts)
  const start = {
    id: 'start',
    label: t('rollout.start'),
    effect: t('rollout.start-effect'),
    fields: () => (
      <>
        <Select
          label={t('rollout.version')}
          name="version"
          options={versions.map(({ name, version, heldBack, unavailable }) => {
            const failure = heldBack ? t('rollout.held-back') : unavailable ? t('rollout.unavailable') : ''
            return {
              value: `${name} ${version}`,
              label: [t('facts.version', { name, version }), failure && `(${failure})`].join(' ').trim(),
            }
          })}
        />
        <Checkbox name="security">{t('rollout.security')}</Checkbox>
        <Checkbox name="acceptIncompatibleData">{t('rollout.accept-data')}</Checkbox>
      </>
    ),
    perform: (reason: string, form: FormData) => {
      const [blueprint = '', version] = String(form.get('version')).split(' ')
      const body = {
        ...{ blueprint, version: Number(version), reason },
        ...{ security: form.has('security'), acceptIncompatibleData: form.has('acceptIncompatibleData') },
      }
      return api.POST('/v1/operator/rollouts', { body })
    },
  }
  return <Controls controls={versions.length === 0 ? [] : [start]} refresh="rollouts" />
}

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
      look="half"
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
          [t('rollout.failed'), t('rollout.budget', { failed: failed.length, most: rollout.failureBudget })],
          [t('rollout.baking'), bakingUntil === null ? '–' : format.instant(bakingUntil)],
          [t('rollout.started'), format.instant(rollout.startedAt)],
          [t('act.reason'), rollout.reason],
        ]}
      />
      {failed.length === 0 ? null : (
        <Disclosure title={`${t('rollout.failed')}: ${failed.length}`}>
          <Table
            caption={t('rollout.failed')}
            rows={failed}
            idOf={({ siteId }) => siteId}
            hrefOf={({ siteId }) => hashOf({ name: 'site', id: siteId, part: 'failures' })}
            columns={[
              { title: t('site.site'), cell: ({ siteId }) => siteId },
              { title: t('failure.cause'), cell: ({ cause, because: error }) => causeCell(t, cause, error) },
            ]}
          />
        </Disclosure>
      )}
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
    ...failed.map(({ siteId, because, cause }) => ({
      siteId,
      is: t('rollout.failed'),
      what: causeCell(t, cause, because),
    })),
    ...held.map(({ siteId, because }) => ({ siteId, is: t('rollout.held'), what: t(`rollout.hold-${because}`) })),
    ...restored.map(({ siteId, archiveAt }) => ({
      siteId,
      is: t('rollout.archive-of'),
      what: format.instant(archiveAt),
    })),
  ]
  return (
    <Panel title={title} look="half" aside={<Badge tone={toneOf(rollout)}>{t(`rollout-state.${state}`)}</Badge>}>
      <Progress
        label={t('rollout.left')}
        percent={(100 * (done + skipped + failed.length + held.length)) / Math.max(1, sites ?? 0)}
      />
      <Facts
        facts={[
          [t('rollout.left'), sites === null ? done : t('brake.used', { used: done, allowed: sites })],
          [t('rollout.in-progress'), rollout.inProgress.length],
          [t('rollout.failed'), t('rollout.budget', { failed: failed.length, most: rollout.failureBudget })],
          [t('rollout.held'), held.length],
          [t('rollout.started'), format.instant(rollout.startedAt)],
          [t('act.reason'), rollout.reason],
        ]}
      />
      {listed.length === 0 ? null : (
        <Disclosure title={`${t('nav.sites')}: ${listed.length}`}>
          <Table
            caption={title}
            rows={listed}
            idOf={({ siteId }) => siteId}
            hrefOf={({ siteId }) => hashOf({ name: 'site', id: siteId, part: 'facts' })}
            columns={[
              { title: t('site.site'), cell: ({ siteId }) => siteId },
              {
                title: t('cells.state'),
                cell: ({ is, what }) => (
                  <>
                    {is}: {what}
                  </>
                ),
              },
            ]}
          />
        </Disclosure>
      )}
      <Controls controls={controls} refresh="rollouts" />
    </Panel>
  )
}

/** The last roll-out of each blueprint and of each cell. */
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
