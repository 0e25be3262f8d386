import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Choice, Select } from '../ui/field.tsx'
import { Badge, Notice } from '../ui/panel.tsx'
import { type Billing, hasAlready, intervalsOf, needsResuming, ownPrice } from './billing-words.ts'
import { usePage } from './page.ts'
import { linesOf, type Plan, type PlanLine, type Price } from './plan-words.ts'

export interface Offer {
  readonly plan: Plan
  readonly price: Price
}

export const PlanLines = ({ lines }: { readonly lines: readonly PlanLine[] }) => (
  <ul className="plan-lines">
    {lines.map(({ text, change, now }) => (
      <li key={text} data-change={change}>
        {text}
        {now === undefined ? null : <small> ({now})</small>}
      </li>
    ))}
  </ul>
)

interface PlanCardProps {
  readonly plan: Plan
  /** All that are shown. */
  readonly plans: readonly Plan[]
  readonly price: Price | undefined
  readonly present: Plan | undefined
  /** Whether it costs less than what the owner has. */
  readonly isDowngrade: boolean
  /** Whether this is what the owner has. */
  readonly isYours: boolean
  /** Whether choosing it changes a subscription. */
  readonly isChange: boolean
  readonly isBusy: boolean
  /** Absent where it cannot be chosen now. */
  readonly onChoose: ((offer: Offer) => void) | undefined
}

const PlanCard = ({ plan, plans, price, present, isDowngrade, isYours, isChange, isBusy, onChoose }: PlanCardProps) => {
  const page = usePage()
  const { t, format } = page
  const said =
    price === undefined ? t('offers.free') : t(`offers.price-${price.interval}`, { price: format.money(price) })
  return (
    <li className="panel plan" data-yours={isYours ? '' : undefined}>
      <div className="view-head">
        <h3>{plan.name}</h3>
        {isYours ? <Badge tone="good">{t('offers.yours')}</Badge> : null}
      </div>
      <p className="figure">{said}</p>
      {price?.interval === 'year' ? (
        <p className="quiet-text">
          {t('offers.price-month', { price: format.money({ ...price, amount: Math.round(price.amount / 12) }) })}
        </p>
      ) : null}
      <PlanLines lines={linesOf(page, plan, { plans, present })} />
      {price === undefined && isYours ? <p className="quiet-text">{t('offers.stays')}</p> : null}
      {price === undefined || isYours || onChoose === undefined ? null : (
        <>
          <Button tone={isDowngrade ? 'quiet' : 'primary'} isBusy={isBusy} onClick={() => onChoose({ plan, price })}>
            {t(isChange ? 'offers.change' : 'offers.choose', { plan: plan.name })}
          </Button>
          {isChange ? null : (
            <p className="quiet-text">{t(`offers.charge-${price.interval}`, { price: format.money(price) })}</p>
          )}
        </>
      )}
    </li>
  )
}

interface PlanOffersProps {
  readonly plans: readonly Plan[]
  /** The id of the plan that the site has. */
  readonly current: string
  readonly billing: Billing
  /** The plan that was chosen, while the request runs. */
  readonly busy: string | undefined
  readonly onChoose: (offer: Offer) => void
}

export const PlanOffers = ({ plans, current, billing, busy, onChoose }: PlanOffersProps) => {
  const { t } = usePage()
  const isChange = billing.state === 'active'
  const currencies = [...new Set(plans.flatMap(({ prices }) => prices.map((price) => price.currency)))]
  const [chosen, setCurrency] = useState(currencies[0])
  const currency = billing.currency ?? chosen
  const intervals = intervalsOf(plans, currency, billing)
  const [wanted, setWanted] = useState<string | null>(billing.interval)
  const interval = intervals.find((known) => known === wanted) ?? intervals[0] ?? 'month'
  const present = plans.find(({ id }) => id === current)
  const own = isChange && billing.interval === interval ? ownPrice(billing) : undefined
  const priceOf = (plan: Plan) =>
    (plan === present ? own : undefined) ??
    plan.prices.find((price) => price.interval === interval && price.currency === currency)
  const isFixed = needsResuming(interval, billing)
  const presentAmount = present === undefined ? 0 : (priceOf(present)?.amount ?? 0)
  const offered = plans.filter((plan) => (plan.kind === 'paid' ? priceOf(plan) !== undefined : plan === present))
  return (
    <>
      <div className="plan-terms">
        {intervals.length > 1 ? (
          <Choice
            label={t('offers.interval')}
            name="interval"
            value={interval}
            options={intervals.map((value) => ({ value, label: t(`offers.${value}`) }))}
            onChange={setWanted}
          />
        ) : null}
        {billing.currency === null && currencies.length > 1 ? (
          <Select
            label={t('offers.currency')}
            value={currency}
            options={currencies.map((value) => ({ value, label: value }))}
            onChange={setCurrency}
          />
        ) : null}
      </div>
      {isFixed ? <Notice>{t('offers.cancelled')}</Notice> : null}
      <ul className="plans">
        {offered.map((plan) => (
          <PlanCard
            key={plan.id}
            plan={plan}
            plans={offered}
            price={priceOf(plan)}
            present={present}
            isDowngrade={(priceOf(plan)?.amount ?? 0) < presentAmount}
            isYours={plan === present && hasAlready(priceOf(plan), billing)}
            isChange={isChange}
            isBusy={busy === plan.id}
            onChoose={isFixed ? undefined : onChoose}
          />
        ))}
      </ul>
    </>
  )
}
