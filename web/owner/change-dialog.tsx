import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { showAnswer } from '../api/query-client.ts'
import { Button, Failure } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { type Fact, Facts, Notice } from '../ui/panel.tsx'
import { toast } from '../ui/toast.tsx'
import { type Billing, chargeOf, ownPrice } from './billing-words.ts'
import { usePage, useUpdateSite } from './page.ts'
import type { Offer } from './plan-offers.tsx'
import { linesOf, type Plan, type Price } from './plan-words.ts'
import { useUsage } from './site-usage.tsx'
import type { Site } from './site-words.ts'

export interface Choice {
  readonly plan: string
  readonly interval: 'month' | 'year'
  /** Charges the amount that was shown then; absent if Stripe could not be asked. */
  readonly previewedAt?: string | undefined
}

/** Changes the plan. @returns the subscription, and a link if the bank wants the payment confirmed. */
export const changePlan = async (id: string, { plan, interval, previewedAt }: Choice) => {
  const body = { plan, interval, ...(previewedAt === undefined ? {} : { previewedAt }) }
  const answer = await bodyOf(api.POST('/v1/sites/{id}/plan', { params: { path: { id } }, body }))
  return 'confirmUrl' in answer ? answer : { billing: answer, confirmUrl: undefined }
}

/** A preview counts for a quarter of an hour. */
const refreshMilliseconds = 300_000

/** What Stripe would charge now. */
const usePreview = (id: string, { plan, price: { interval } }: Offer) =>
  useQuery({
    queryKey: ['billing-preview', id, plan.id, interval],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET('/v1/sites/{id}/billing/preview', {
          params: { path: { id }, query: { plan: plan.id, interval } },
          signal,
        }),
      ),
    retry: false,
    gcTime: 0,
    staleTime: refreshMilliseconds,
    refetchInterval: refreshMilliseconds,
  })

interface LossesProps {
  readonly plan: Plan
  readonly before: Plan | undefined
  /** As far as it is known. */
  readonly usedBytes: number
}

const roomOf = ({ limits }: Plan): number => limits.storageMiB * 2 ** 20

/** What the owner has now and would not have any more, and whether the data fits: the API refuses what does not. */
const Losses = ({ plan, before, usedBytes }: LossesProps) => {
  const page = usePage()
  const { t, format } = page
  const lost = linesOf(page, plan, { plans: [], present: before }).filter(({ change }) => change === 'less')
  const said = { used: format.bytes(usedBytes), room: format.bytes(roomOf(plan)), plan: plan.name }
  return (
    <>
      {lost.length === 0 ? null : (
        <div>
          <h3>{t('change.lose')}</h3>
          <ul>
            {lost.map(({ text, now }) => (
              <li key={text}>{now === undefined ? text : `${text} (${now})`}</li>
            ))}
          </ul>
        </div>
      )}
      {usedBytes <= roomOf(plan) ? null : <Notice tone="warning">{t('change.too-large', said)}</Notice>}
    </>
  )
}

interface ChangeDialogProps {
  readonly site: Site
  readonly offer: Offer
  readonly plans: readonly Plan[]
  readonly billing: Billing
  readonly onClose: () => void
}

/** Asks before a plan is changed, because that is charged at once. */
export const ChangeDialog = ({ site, offer, plans, billing, onClose }: ChangeDialogProps) => {
  const { t, format } = usePage()
  const { plan, price } = offer
  const queries = useQueryClient()
  const update = useUpdateSite(site.id)
  const changing = useMutation({
    mutationFn: (previewedAt: string | undefined) =>
      changePlan(site.id, { plan: plan.id, interval: price.interval, previewedAt }),
    onSuccess: async ({ billing: now, confirmUrl }) => {
      onClose()
      await showAnswer(queries, ['billing', site.id], now)
      const isDone = now.plan === plan.id && now.interval === price.interval
      const said = t(isDone ? 'billing.changed' : 'billing.changing', { plan: plan.name })
      if (confirmUrl === undefined) toast({ text: said })
      await update()
    },
  })
  const preview = usePreview(site.id, offer)
  const usedBytes = useUsage(site).data?.storage.usedBytes ?? 0
  const before = plans.find(({ id }) => id === billing.plan)
  const priceBefore =
    ownPrice(billing) ??
    before?.prices.find(({ interval, currency }) => interval === billing.interval && currency === billing.currency)
  const say = (known: Plan, of: Price) =>
    `${known.name}, ${t(`offers.price-${of.interval}`, { price: format.money(of) })}`
  /** The sum behind the charge, and the next one date. */
  const sums = (found: NonNullable<typeof preview.data>): readonly (Fact | false)[] => {
    const { due, credit, currency, charge, unused, tax, paysUntil } = found
    const rest = due - credit - (charge - unused + tax)
    const money = (amount: number) => format.money({ amount, currency })
    return [
      [t('change.price'), money(charge)],
      unused !== 0 && [t('change.unused', { plan: before?.name ?? '' }), money(-unused)],
      tax !== 0 && [t('change.tax'), money(tax)],
      rest !== 0 && [t('change.rest'), money(rest)],
      [t('change.charge'), <strong key="charge">{sayCharge()}</strong>],
      paysUntil !== null && [t('change.next'), format.date(paysUntil)],
    ]
  }
  const sayCharge = (): string => {
    if (preview.isPending) return t('change.asking')
    if (!preview.isSuccess) return t(`change.${chargeOf(priceBefore, price)}`, { price: format.money(price) })
    const { due, credit, currency } = preview.data
    if (credit > 0) return t('change.credited', { price: format.money({ amount: credit, currency }) })
    return format.money({ amount: due, currency })
  }
  return (
    <Dialog title={t('change.title', { plan: plan.name })} isOpen isBusy={changing.isPending} onClose={onClose}>
      <div className="consequences">
        <Facts
          facts={[
            [t('change.now'), before === undefined || priceBefore === undefined ? '–' : say(before, priceBefore)],
            [t('change.then'), say(plan, price)],
            ...(preview.data === undefined ? [[t('change.charge'), sayCharge()] as const] : sums(preview.data)),
          ]}
        />
        <Losses {...{ plan, before, usedBytes }} />
      </div>
      <Failure error={changing.error} />
      <div className="actions">
        <Button
          isBusy={changing.isPending || preview.isPending}
          isDisabled={usedBytes > roomOf(plan)}
          onClick={() => changing.mutate(preview.data?.at)}
        >
          {t('change.go', { plan: plan.name })}
        </Button>
        <Button tone="quiet" isDisabled={changing.isPending} onClick={onClose}>
          {t('change.stay')}
        </Button>
      </div>
    </Dialog>
  )
}
