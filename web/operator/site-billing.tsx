import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { Button } from '../ui/button.tsx'
import { Facts, Notice, Panel } from '../ui/panel.tsx'
import { Loaded } from '../ui/state.tsx'
import { useNames, usePage } from './page.ts'

type Billing = components['schemas']['OperatorBilling']
type Subscription = NonNullable<Billing['stripe']>['subscriptions'][number]

const SubscriptionFacts = ({ of }: { readonly of: Subscription }) => {
  const { t, format, find } = usePage()
  const names = useNames()
  const word = (isTrue: boolean) => (isTrue ? t('billing.yes') : t('billing.no'))
  return (
    <Facts
      facts={[
        [t('billing.state'), find(`billing-state.${of.state}`) ?? of.state],
        [t('site.plan'), of.plan === null ? '–' : names.plan(of.plan)],
        [t('billing.interval'), find(`billing-interval.${of.interval}`) ?? '–'],
        [t('billing.paid-through'), of.paidThrough === null ? '–' : format.date(of.paidThrough)],
        [t('billing.cancels'), word(of.cancelsAtPeriodEnd)],
        [t('billing.disputed'), word(of.isDisputed)],
        [t('billing.subscription'), of.subscriptionId],
      ]}
    />
  )
}

const AtStripe = ({ stripe }: { readonly stripe: NonNullable<Billing['stripe']> }) => {
  const { t } = usePage()
  if (stripe.failure !== null)
    return (
      <Notice tone="warning" title={t('billing.stripe-failed')}>
        <span lang="en">{stripe.failure}</span>
      </Notice>
    )
  return (
    <>
      {stripe.differences.length === 0 ? <Notice tone="good">{t('billing.same')}</Notice> : null}
      {stripe.differences.map(({ field, ours, stripe: theirs }) => (
        <Notice key={field} tone="danger">
          {t('billing.difference', { field, ours: ours ?? '–', stripe: theirs ?? '–' })}
        </Notice>
      ))}
      {stripe.subscriptions.map((subscription) => (
        <SubscriptionFacts key={subscription.subscriptionId} of={subscription} />
      ))}
    </>
  )
}

/** The billing of a site by our record and, on demand, by Stripe. */
export const SiteBilling = ({ id }: { readonly id: string }) => {
  const { t } = usePage()
  const [stripe, setStripe] = useState<'true' | 'false'>('false')
  const query = useQuery({
    queryKey: ['billing', id, stripe],
    queryFn: ({ signal }) => {
      const params = { path: { id }, query: { stripe } }
      return bodyOf(api.GET('/v1/operator/sites/{id}/billing', { params, signal }))
    },
  })
  return (
    <Loaded query={query}>
      {(data) => (
        <div className="panels">
          <Panel title={t('billing.ours')} look="half">
            {data.record === null ? <p>{t('billing.none')}</p> : <SubscriptionFacts of={data.record} />}
          </Panel>
          <Panel title="Stripe" look="half">
            {data.stripe === null ? (
              <Button tone="quiet" onClick={() => setStripe('true')}>
                {t('billing.ask')}
              </Button>
            ) : (
              <AtStripe stripe={data.stripe} />
            )}
          </Panel>
        </div>
      )}
    </Loaded>
  )
}
