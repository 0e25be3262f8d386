import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { showAnswer, useRead } from '../api/query-client.ts'
import { Button } from '../ui/button.tsx'
import { Facts, Notice, Panel } from '../ui/panel.tsx'
import { Stale, State } from '../ui/state.tsx'
import { toast } from '../ui/toast.tsx'
import { type Billing, billingText, offersPlans, openChange } from './billing-words.ts'
import { ChangeDialog, type Choice, changePlan } from './change-dialog.tsx'
import { useBilling, useMay, useNow, usePage, usePlans } from './page.ts'
import { type Offer, PlanOffers } from './plan-offers.tsx'
import { onSale, type Plan, plansOf } from './plan-words.ts'
import { Said } from './site-state.tsx'
import type { Site } from './site-words.ts'

const goTo = ({ url }: { readonly url: string }): void => location.assign(url)

interface PartProps {
  readonly site: Site
  readonly billing: Billing
}

const PendingChange = ({ site: { id }, billing }: PartProps) => {
  const { t, format, sayProblem } = usePage()
  const queries = useQueryClient()
  const pending = openChange(billing, useNow())
  const show = (now: Billing) => showAnswer(queries, ['billing', id], now)
  const confirming = useMutation({
    mutationFn: (choice: Choice) => changePlan(id, choice),
    onSuccess: ({ billing: now, confirmUrl }) => (confirmUrl === undefined ? show(now) : goTo({ url: confirmUrl })),
  })
  const dropping = useMutation({
    mutationFn: () => changePlan(id, { plan: billing.plan, interval: billing.interval ?? 'month' }),
    onSuccess: async ({ billing: now }) => {
      await show(now)
      if (now.pendingChange === null) toast({ text: t('billing.dropped') })
    },
  })
  if (pending === undefined) return null
  const error = confirming.error ?? dropping.error
  return (
    <Notice tone="warning">
      <p>{t('billing.pending', { at: format.instant(pending.confirmBy) })}</p>
      {error === null ? null : <p>{sayProblem(error)}</p>}
      <div className="actions">
        <Button isBusy={confirming.isPending} onClick={() => confirming.mutate(pending)}>
          {t('billing.confirm')}
        </Button>
        <Button tone="quiet" isBusy={dropping.isPending} onClick={() => dropping.mutate()}>
          {t('billing.drop')}
        </Button>
      </div>
    </Notice>
  )
}

/** What was paid last, and its receipt. Shows nothing if Stripe does not answer. */
const LastInvoice = ({ site, billing }: PartProps) => {
  const { t, format } = usePage()
  // Another period has another invoice.
  const { data } = useRead(
    ['invoice', site.id, billing.plan, billing.paidThrough],
    (signal) => api.GET('/v1/sites/{id}/billing/invoice', { params: { path: { id: site.id } }, signal }),
    { staleTime: 300_000 },
  )
  if (!data?.invoice) return null
  const { paidAt, url } = data.invoice
  return (
    <Facts
      facts={[
        [
          t('billing.last-invoice'),
          <>
            {t('billing.paid', { amount: format.money(data.invoice), at: format.date(paidAt) })}{' '}
            <a href={url} target="_blank" rel="noreferrer">
              {t('billing.receipt')}
            </a>
          </>,
        ],
      ]}
    />
  )
}

/** The subscription in words, and Stripe's portal with invoices and card. */
const Subscription = ({ site, billing }: PartProps) => {
  const page = usePage()
  const { t, sayProblem } = page
  const now = useNow()
  const opening = useMutation({
    mutationFn: () => bodyOf(api.POST('/v1/sites/{id}/portal', { params: { path: { id: site.id } } })),
    onSuccess: goTo,
  })
  // It tells what can be bought, too.
  const text = useMay()('beginCheckout') ? billingText(page, billing, site, now) : ''
  const hasPaid = billing.customerId !== null || billing.state !== 'none'
  if (text === '' && !hasPaid) return null
  return (
    <Panel title={t('billing.title')}>
      {text === '' ? null : (
        <p>
          <Said text={text} subject={site.hostname} />
        </p>
      )}
      {billing.disputed ? (
        <Notice tone="warning">
          <Said text={t('billing.disputed')} subject={site.hostname} />
        </Notice>
      ) : null}
      {hasPaid ? (
        <>
          <LastInvoice site={site} billing={billing} />
          <div className="actions">
            <Button tone="quiet" isBusy={opening.isPending} onClick={() => opening.mutate()}>
              {t('billing.portal')}
            </Button>
          </div>
          <p className="hint">{t('billing.portal-hint')}</p>
        </>
      ) : null}
      {opening.isError ? <Notice tone="danger">{sayProblem(opening.error)}</Notice> : null}
    </Panel>
  )
}

/** Buys a plan, or changes to it after a question. */
const Offers = ({ site, billing, plans }: PartProps & { readonly plans: readonly Plan[] }) => {
  const { t, sayProblem } = usePage()
  const [asked, setAsked] = useState<Offer>()
  const buying = useMutation({
    mutationFn: ({ plan, price: { interval, currency } }: Offer) => {
      const body = { plan: plan.id, interval, currency }
      return bodyOf(api.POST('/v1/sites/{id}/checkout', { params: { path: { id: site.id } }, body }))
    },
    onSuccess: goTo,
  })
  return (
    <section className="view">
      <h2>{t('offers.title')}</h2>
      {buying.isError ? <Notice tone="danger">{sayProblem(buying.error)}</Notice> : null}
      <PlanOffers
        plans={plans}
        current={billing.state === 'active' ? billing.plan : site.plan}
        billing={billing}
        busy={buying.isPending ? buying.variables.plan.id : undefined}
        onChoose={(offer) => (billing.state === 'active' ? setAsked(offer) : buying.mutate(offer))}
      />
      <p className="quiet-text">
        {t('offers.tax')} <Said text={t('offers.larger')} subject={site.hostname} />
      </p>
      {asked === undefined ? null : (
        <ChangeDialog {...{ site, plans, billing }} offer={asked} onClose={() => setAsked(undefined)} />
      )}
    </section>
  )
}

interface SitePlansProps {
  readonly site: Site
  /** Whether Stripe sent the owner here after a purchase. */
  readonly isBought: boolean
}

const paymentTones = { waiting: 'info', started: 'good', late: 'warning', declined: 'danger' } as const

/** The subscription of a site, and the plans that its owner can choose. */
export const SitePlans = ({ site, isBought }: SitePlansProps) => {
  const { t, settings } = usePage()
  const may = useMay()
  const { query, payment } = useBilling(site.id, isBought)
  const plans = usePlans()
  const { data: billing } = query
  if (billing === undefined) return <State query={query} />
  return (
    <div className="view">
      <Stale isStale={query.isError} />
      {payment === undefined ? null : <Notice tone={paymentTones[payment]}>{t(`billing.${payment}`)}</Notice>}
      <PendingChange site={site} billing={billing} />
      <Subscription site={site} billing={billing} />
      {plans.data === undefined ? <State query={plans} /> : null}
      {plans.data !== undefined && may('beginCheckout') && offersPlans(site, billing) ? (
        <Offers
          // Another subscription, such as after a change, shows its own interval.
          key={`${billing.state} ${billing.interval}`}
          site={site}
          billing={billing}
          plans={onSale(plansOf(plans.data.plans, settings, site.blueprint.name), settings, [site.plan, billing.plan])}
        />
      ) : null}
    </div>
  )
}
