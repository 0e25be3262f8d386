import type { ReactNode } from 'react'
import { Button, LinkButton } from '../ui/button.tsx'
import { Ring, type RingTone } from '../ui/ring.tsx'
import { lowestPriceOf, offersPlans } from './billing-words.ts'
import { useMay, useNow, useOfferedPlans, usePage } from './page.ts'
import { siteHash } from './routes.ts'
import type { Act } from './site-acts.ts'
import { Said, SiteState } from './site-state.tsx'
import { isLive, type Site } from './site-words.ts'
import { type Acting, useActs } from './use-acting.ts'

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
        {may('beginCheckout') && offersPlans(site, { state: 'none' }) ? (
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

/** Something that the owner can do, and what follows from it. */
const Way = ({ consequence, children }: { readonly consequence: string; readonly children: ReactNode }) => (
  <li>
    {children}
    <p className="quiet-text">{consequence}</p>
  </li>
)

/** The lowest price of a plan on sale; undefined until it is known. */
const useLowestPrice = (): string | undefined => {
  const { t, format } = usePage()
  const lowest = lowestPriceOf(useOfferedPlans())
  return lowest && t(`offers.price-${lowest.interval}`, { price: format.money(lowest) })
}

/** What the owner of a site that does not run can do: pay, choose a plan, or act without either. */
const waysOf = (site: Site, [act]: readonly Act[], mayBuy: boolean, now: string) => {
  const { suspended, deletion, extension, trialEndsAt, operation } = site
  // Nobody pays for an environment.
  const isPaidFor = deletion === null && site.environment === undefined
  const isTrialOver = isPaidFor && extension !== null && (trialEndsAt ?? now) <= now
  const isDue = isPaidFor && suspended?.because === 'payment-overdue'
  const isEnded = isPaidFor && suspended?.because === 'subscription-ended'
  const needsMoney = isDue || isEnded || (isTrialOver && extension.left === 0)
  return {
    isDue: isDue && mayBuy,
    isTrialOver,
    isBuyable: mayBuy && isPaidFor && operation !== 'restore' && (isEnded || offersPlans(site, { state: 'none' })),
    act: needsMoney ? undefined : act,
  }
}

/** Leads from an environment to the site that it is down with. */
const ItsSite = ({ id }: { readonly id: string | undefined }) => {
  const { t } = usePage()
  return id === undefined ? null : (
    <p>
      {t('stopped.environment')} <a href={siteHash(id, 'overview')}>{t('stopped.its-site')}</a>
    </p>
  )
}

/** Why a site does not run, until when it is kept, and each way to have it back with its consequence. */
export const StoppedCard = ({ site, acting }: { readonly site: Site; readonly acting: Acting }) => {
  const page = usePage()
  const { t, format } = page
  const now = useNow()
  const price = useLowestPrice()
  const may = useMay()
  const { acts, hint, downWith } = useActs(site)
  const { isDue, isTrialOver, isBuyable, act } = waysOf(site, acts, may('beginCheckout'), now)
  const days = format.days(site.extension?.days ?? 0)
  const plans = siteHash(site.id, 'plans')
  return (
    <section className="panel" aria-label={t('stopped.title')}>
      <SiteState site={site} />
      <ul className="ways">
        {isBuyable ? (
          <Way consequence={price === undefined ? t('way.plan') : t('way.plan-from', { price })}>
            <LinkButton href={plans}>{t('site.choose-plan')}</LinkButton>
          </Way>
        ) : null}
        {isDue ? (
          <Way consequence={t('way.pay')}>
            <LinkButton href={plans}>{t('site.pay')}</LinkButton>
          </Way>
        ) : null}
        {act === undefined ? null : (
          <Way consequence={act === 'extend' ? t('way.extend', { days }) : hint}>
            <Button tone={isBuyable ? 'quiet' : 'primary'} isBusy={acting.isPending} onClick={() => acting.mutate(act)}>
              {t(isTrialOver && act === 'resume' ? 'act.resume-for' : `act.${act}`, { days })}
            </Button>
          </Way>
        )}
      </ul>
      <ItsSite id={downWith} />
      {act === undefined && hint !== '' ? (
        <p className="quiet-text">
          <Said text={hint} subject={site.hostname} />
        </p>
      ) : null}
    </section>
  )
}
