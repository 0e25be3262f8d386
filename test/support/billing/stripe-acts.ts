import type { SiteId } from '../../../core/ids.ts'
import { plusDays } from '../../../core/instant.ts'
import { prices } from './billing-life.ts'
import type { BillingScene } from './billing-scene.ts'
import { isRunning } from './history-checks.ts'
import { endsWithPeriod } from './stripe-model.ts'

type Held = ReturnType<BillingScene['model']['ofSite']>[number]

export interface StripeActPorts {
  readonly scene: BillingScene
  readonly pick: (limit: number) => number
  readonly chance: (percent: number) => boolean
  /** That Stripe tells of it, or forgets to. */
  readonly tell: (customerId: string) => void
  readonly foreign: Set<string>
}

/** What staff and owners do at Stripe itself, each where it can be done. */
const acts = ({ scene: { model }, pick, chance, foreign }: StripeActPorts) => {
  const whileRunning = (act: (held: Held) => void) => (held: Held) => (isRunning(held.status) ? act(held) : undefined)
  const whileIn = (statuses: readonly Held['status'][], act: (held: Held) => void) => (held: Held) =>
    statuses.includes(held.status) ? act(held) : undefined
  return [
    whileIn(['active', 'past_due', 'unpaid', 'paused'], ({ id }) => model.end(id)),
    whileRunning((held) => model.change(held.id, { cancelsAtPeriodEnd: !endsWithPeriod(held), cancelAt: undefined })),
    whileRunning(({ id }) => model.change(id, { cancelAt: plusDays(model.now(), 1 + pick(90)) })),
    whileRunning(({ id }) => model.change(id, { price: prices[pick(prices.length)] })),
    whileRunning(({ id }) => {
      if (!chance(20)) return
      foreign.add(id)
      model.change(id, { price: undefined })
    }),
    ({ id, isDisputed }: Held) => model.change(id, { isDisputed: !isDisputed }),
    ({ id }: Held) => {
      if (chance(30)) model.giveBack(id)
    },
    whileIn(['active'], ({ id }) => model.change(id, { status: 'past_due' })),
    whileIn(['active'], ({ id }) => model.change(id, { status: 'paused' })),
    whileIn(['paused'], ({ id }) => model.resume(id)),
    whileIn(['past_due', 'unpaid'], ({ id }) => model.writeOff(id)),
    whileIn(['incomplete', 'past_due', 'unpaid', 'paused'], ({ id }) => model.collect(id)),
  ]
}

/** One of them, with one of the site's subscriptions. */
export const actAtStripe = (ports: StripeActPorts, { id, customerId }: { id: SiteId; customerId: string }): void => {
  const all = ports.scene.model.ofSite(id)
  const held = all[ports.pick(Math.max(1, all.length))]
  if (held === undefined) return
  const possible = acts(ports)
  possible[ports.pick(possible.length)]?.(held)
  ports.tell(customerId)
}

/** The changes of a subscription by itself: renewed, not paid, aborted, at its end. */
const ofTime = ({ scene, chance }: StripeActPorts, held: Held) => {
  const { id, status, periodEnd, createdAt } = held
  const { model } = scene
  const now = scene.now()
  if (status === 'incomplete' && plusDays(createdAt, 1) <= now) {
    return () => model.change(id, { status: 'incomplete_expired' })
  }
  if (status === 'past_due' && plusDays(periodEnd, 10) <= now) {
    return () => model.change(id, { status: chance(50) ? 'unpaid' : 'canceled' })
  }
  if (status !== 'active' || periodEnd > now) return undefined
  if (endsWithPeriod(held)) return () => model.end(id)
  return chance(70) ? () => model.collect(id) : () => model.change(id, { status: 'past_due' })
}

export const passTimeAtStripe = (ports: StripeActPorts): void => {
  for (const held of [...ports.scene.model.subscriptions.values()]) {
    const change = ofTime(ports, held)
    change?.()
    if (change !== undefined) ports.tell(held.customerId)
  }
}
