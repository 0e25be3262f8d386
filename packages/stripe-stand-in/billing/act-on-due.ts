import { checkoutSessionObject } from '../objects/checkout-session-object.ts'
import type { World } from '../world.ts'
import { collectInvoice } from './collect-invoice.ts'
import { expireSubscription } from './end-subscription.ts'
import { finalizeInvoice } from './finalize-invoice.ts'
import { renewSubscription } from './renew-subscription.ts'

/**
 * A checkout that nobody finished. A subscription that waits in it for its first payment goes on waiting, for its 23 hours:
 * whatever Stripe does, whoever asks has to get along with this.
 */
export const expireSession = (world: World, id: string): void => {
  const expired = world.records.sessions.change(id, { status: 'expired' })
  world.emit('checkout.session.expired', checkoutSessionObject(world, expired))
}

const actOnInvoice = (world: World, id: string): void => {
  const found = world.records.invoices.change(id, {})
  const invoice = found.status === 'draft' ? finalizeInvoice(world, found) : found
  if (invoice.status === 'open') collectInvoice(world, invoice)
}

const actOnSubscription = (world: World, id: string): void => {
  const subscription = world.records.subscriptions.change(id, {})
  if (subscription.status === 'incomplete') expireSubscription(world, subscription)
  else renewSubscription(world, subscription)
}

/** What each kind of record does when its time has come. */
const actions: ReadonlyMap<string, (world: World, id: string) => void> = new Map([
  ['checkout session', expireSession],
  ['invoice', actOnInvoice],
  ['subscription', actOnSubscription],
])

/** Does what is due of one record. */
export const actOnDue = (world: World, { kind, id }: { readonly kind: string; readonly id: string }): void => {
  const act = actions.get(kind)
  if (act === undefined) throw new Error(`nothing is ever due of a ${kind}`)
  act(world, id)
}
