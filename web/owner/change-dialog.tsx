import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { type Fact, Facts, Notice } from '../ui/panel.tsx'
import { type Billing, chargeOf, linesOf, type Plan, type Price } from './billing-words.ts'
import { usePage } from './page.ts'
import type { Offer } from './plan-offers.tsx'
import { useUsage } from './site-usage.tsx'
import type { Site } from './site-words.ts'

/** A preview counts for a quarter of an hour. */
const refreshMilliseconds = 300_000

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

/** What the owner has now and would not have any more, and whether the data fits. */
const Losses = ({ site, plan, before }: Readonly<{ site: Site; plan: Plan; before: Plan | undefined }>) => {
  const page = usePage()
  const { t, format } = page
  const usedBytes = useUsage(site).data?.storage.usedBytes ?? 0
  const mostBytes = plan.limits.storageMiB * 2 ** 20
  const lost = linesOf(page, plan, { plans: [], present: before }).filter(({ change }) => change === 'less')
  const said = { used: format.bytes(usedBytes), room: format.bytes(mostBytes), plan: plan.name }
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
      {usedBytes <= mostBytes ? null : (
        <Notice tone="warning">{t(usedBytes > 1.1 * mostBytes ? 'change.suspends' : 'change.full', said)}</Notice>
      )}
    </>
  )
}

interface ChangeDialogProps {
  readonly site: Site
  readonly offer: Offer
  readonly plans: readonly Plan[]
  readonly billing: Billing
  readonly error: unknown
  readonly isBusy: boolean
  /** @param previewedAt of the amount that was shown; undefined if Stripe could not be asked. */
  readonly onConfirm: (previewedAt: string | undefined) => void
  readonly onClose: () => void
}

/** Asks before a plan is changed, because that is charged at once. */
export const ChangeDialog = ({ site, offer, plans, billing, error, isBusy, onConfirm, onClose }: ChangeDialogProps) => {
  const { t, format, sayProblem } = usePage()
  const { plan, price } = offer
  const preview = usePreview(site.id, offer)
  const before = plans.find(({ id }) => id === billing.plan)
  const priceBefore = before?.prices.find(
    ({ interval, currency }) => interval === billing.interval && currency === billing.currency,
  )
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
    <Dialog title={t('change.title', { plan: plan.name })} isOpen onClose={onClose}>
      <div className="consequences">
        <Facts
          facts={[
            [t('change.now'), before === undefined || priceBefore === undefined ? '–' : say(before, priceBefore)],
            [t('change.then'), say(plan, price)],
            ...(preview.data === undefined ? [[t('change.charge'), sayCharge()] as const] : sums(preview.data)),
          ]}
        />
        <Losses site={site} plan={plan} before={before} />
      </div>
      {error === null ? null : <Notice tone="danger">{sayProblem(error)}</Notice>}
      <div className="actions">
        <Button isBusy={isBusy || preview.isPending} onClick={() => onConfirm(preview.data?.at)}>
          {t('change.go', { plan: plan.name })}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          {t('change.stay')}
        </Button>
      </div>
    </Dialog>
  )
}
