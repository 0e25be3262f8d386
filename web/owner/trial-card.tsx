import { Button, LinkButton } from '../ui/button.tsx'
import { Ring, type RingTone } from '../ui/ring.tsx'
import { offersPlans } from './billing-words.ts'
import { useMay, useNow, usePage } from './page.ts'
import { siteHash } from './routes.ts'
import { SiteState } from './site-state.tsx'
import { isLive } from './site-words.ts'
import { type Acting, useActs } from './use-acting.ts'
import type { Site } from './use-site.ts'

const dayMilliseconds = 86_400_000

/** Amber in the last three days, red in the last one. */
const toneOf = (milliseconds: number): RingTone =>
  milliseconds > 3 * dayMilliseconds ? 'info' : milliseconds > dayMilliseconds ? 'warning' : 'danger'

/** How long a trial still runs; nothing for another site. */
export const TrialRing = ({ site }: { readonly site: Site }) => {
  const { t, format, settings } = usePage()
  const now = useNow()
  const { trialEndsAt } = site
  if (trialEndsAt === null || !isLive(site)) return null
  const left = Math.max(0, Date.parse(trialEndsAt) - Date.parse(now))
  const [value = '', unit = ''] = format.left(left === 0 ? now : trialEndsAt, now)
  return (
    <Ring
      label={t('trial.left', { left: `${value} ${unit}` })}
      part={left / (Math.max(1, settings.trialDays) * dayMilliseconds)}
      tone={toneOf(left)}
      value={value}
      unit={unit}
    />
  )
}

/** Until when a trial runs, what happens then, and what its owner can do about it. */
export const TrialCard = ({ site, acting }: { readonly site: Site; readonly acting: Acting }) => {
  const page = usePage()
  const { t, format } = page
  const may = useMay()
  const { acts, hint } = useActs(site)
  return (
    <section className="panel trial-card" aria-label={t('trial.title')}>
      <TrialRing site={site} />
      <div className="site-state">
        <SiteState site={site} />
        {hint === '' ? null : <p className="quiet-text">{hint}</p>}
      </div>
      <div className="actions">
        {may('getBilling') && offersPlans(site, { state: 'none' }) ? (
          <LinkButton tone="quiet" href={siteHash(site.id, 'plans')}>
            {t('site.choose-plan')}
          </LinkButton>
        ) : null}
        {acts.map((act) => (
          <Button key={act} tone="plain" isBusy={acting.isPending} onClick={() => acting.mutate(act)}>
            {t(`act.${act}`, { days: format.days(site.extension?.days ?? 0) })}
          </Button>
        ))}
      </div>
    </section>
  )
}
