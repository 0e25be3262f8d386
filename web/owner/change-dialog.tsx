import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Facts } from '../ui/facts.tsx'
import { Notice } from '../ui/notice.tsx'
import type { Billing, Plan, Price } from './billing-words.ts'
import { chargeOf } from './billing-words.ts'
import type { Offer } from './plan-offers.tsx'
import { usePage } from './use-page.ts'

interface ChangeDialogProps {
  readonly offer: Offer
  readonly plans: readonly Plan[]
  readonly billing: Billing
  readonly error: unknown
  readonly isBusy: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Asks before a plan is changed, because that is charged at once. */
export const ChangeDialog = ({ offer, plans, billing, error, isBusy, onConfirm, onClose }: ChangeDialogProps) => {
  const { t, format, sayProblem } = usePage()
  const { plan, price } = offer
  const before = plans.find(({ id }) => id === billing.plan)
  const priceBefore = before?.prices.find(
    ({ interval, currency }) => interval === billing.interval && currency === billing.currency,
  )
  const say = (known: Plan, of: Price) =>
    `${known.name}, ${t(`offers.price-${of.interval}`, { price: format.money(of) })}`
  const charge = t(`change.${chargeOf(priceBefore, price)}`, { price: format.money(price) })
  return (
    <Dialog title={t('change.title', { plan: plan.name })} isOpen onClose={onClose}>
      <div className="consequences">
        <Facts
          facts={[
            [t('change.now'), before === undefined || priceBefore === undefined ? '–' : say(before, priceBefore)],
            [t('change.then'), say(plan, price)],
            [t('change.charge'), charge],
          ]}
        />
      </div>
      {error === null ? null : <Notice tone="danger">{sayProblem(error)}</Notice>}
      <div className="actions">
        <Button isBusy={isBusy} onClick={onConfirm}>
          {t('change.go', { plan: plan.name })}
        </Button>
        <Button tone="quiet" onClick={onClose}>
          {t('change.stay')}
        </Button>
      </div>
    </Dialog>
  )
}
