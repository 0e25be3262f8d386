import { api } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { Badge, Facts, Notice, Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { Controls } from './acts-row.tsx'
import { usePage, usePermitted } from './page.ts'
import { useTrials } from './reads.ts'

/** The brake on endings by deadline, and their rate limit. */
export const Brake = ({ brake }: Pick<components['schemas']['Overview'], 'brake'>) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const { tripped, pace, waiting } = brake
  const left = ({ used, allowed }: typeof pace.hour) => format.number(Math.max(0, allowed - used))
  const said = { waiting: format.number(waiting), hour: left(pace.hour), day: left(pace.day) }
  const act = tripped === null ? 'pull' : 'release'
  const control = {
    id: act,
    label: t(`brake.${act}`),
    effect: t(`brake.${act}-effect`, said),
    isDangerous: true,
    perform: (reason: string) => api.POST(`/v1/operator/brake/${act}`, { body: { reason } }),
  }
  const isOffered = isPermitted(tripped === null ? 'operatorPullBrake' : 'operatorReleaseBrake')
  return (
    <Panel
      title={t('overview.brake')}
      look="half"
      aside={tripped === null ? <Badge tone="good">{t('brake.off')}</Badge> : null}
    >
      {tripped === null ? null : (
        <Notice tone="danger" title={t('brake.on', { at: format.instant(tripped.at) })}>
          <span lang="en">{tripped.detail}</span>
        </Notice>
      )}
      <p className="quiet-text">{t('brake.about')}</p>
      <Facts
        facts={[
          [t('brake.waiting'), said.waiting],
          [t('brake.hour'), t('brake.used', { ...pace.hour })],
          [t('brake.day'), t('brake.used', { ...pace.day })],
        ]}
      />
      <Controls controls={isOffered ? [control] : []} refresh="overview" />
    </Panel>
  )
}

const TrialFacts = ({ trials }: { readonly trials: components['schemas']['Trials'] }) => {
  const { t, format } = usePage()
  const isPermitted = usePermitted()
  const { paused, live, newInHour, ceilings } = trials
  const waiting = format.number(trials.waiting)
  const act = paused ? 'resume' : 'pause'
  const control = {
    id: act,
    label: t(`trials.${act}`),
    effect: t(`trials.${act}-effect`, { waiting }),
    perform: (reason: string) => api.PUT('/v1/operator/trials', { body: { paused: !paused, reason } }),
  }
  const of = (used: number, allowed: number) =>
    t('brake.used', { used: format.number(used), allowed: format.number(allowed) })
  return (
    <>
      <Facts
        facts={[
          [t('trials.live'), of(live, ceilings.mostLive)],
          [t('brake.hour'), of(newInHour, ceilings.mostNewPerHour)],
          [t('trials.waiting'), waiting],
          [t('trials.invited'), format.number(trials.invited)],
        ]}
      />
      <Controls controls={isPermitted('operatorSetTrials') ? [control] : []} refresh="trials" />
    </>
  )
}

/** How many trials there are and may be, and whether new ones start. */
export const Trials = () => {
  const { t } = usePage()
  const query = useTrials()
  const paused = query.data?.paused
  const state = paused ? (
    <Badge tone="warning">{t('trials.paused-short')}</Badge>
  ) : (
    <Badge tone="good">{t('trials.open')}</Badge>
  )
  return (
    <Panel title={t('trials.title')} look="half" aside={paused === undefined ? null : state}>
      <Loaded query={query}>{(trials) => <TrialFacts trials={trials} />}</Loaded>
    </Panel>
  )
}
