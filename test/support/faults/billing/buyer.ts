import type { SiteId } from '../../../../core/ids.ts'
import type { BillingWorld } from './billing-world.ts'
import { payWhereverOpen } from './payer.ts'

/** An owner with a site. */
export interface Buyer {
  readonly id: SiteId
  readonly accountId: string
  readonly token: string
}

type Plan = 'starter' | 'growth'

const email = 'ada@example.com'
const slug = 'shop'

export const expectStatus = (
  { status, body }: { readonly status: number; readonly body: Record<string, unknown> },
  ...allowed: readonly number[]
): Record<string, unknown> => {
  if (!allowed.includes(status)) throw new Error(`${status}, not ${allowed.join(' or ')}: ${JSON.stringify(body)}`)
  return body
}

const signIn = async ({ insist, quiet, outside }: BillingWorld, to: string = email) => {
  const { id: signup } = expectStatus(await insist({ method: 'POST', path: '/v1/signups', body: { email: to } }), 201)
  await quiet()
  const code = outside.mails.findLast((mail) => mail.code !== undefined && mail.to === to)?.code
  const path = `/v1/signups/${signup}/verification`
  const { account, session } = expectStatus(await insist({ method: 'POST', path, body: { code } }), 200) as {
    account: { id: string }
    session: { token: string }
  }
  return { accountId: account.id, token: session.token }
}

/** Signs up and gets a trial. */
export const signUp = async (world: BillingWorld, who = { email, slug }): Promise<Buyer> => {
  await world.sweep()
  const signedIn = await signIn(world, who.email)
  const headers = { authorization: `Bearer ${signedIn.token}` }
  const made = await world.insist({ method: 'POST', path: '/v1/sites', body: { slug: who.slug }, headers })
  const { id } = expectStatus(made, 201, 202)
  await world.quiet()
  return { id: id as SiteId, ...signedIn }
}

/** A session does not last as long as a trial takes to end. */
export const signInAgain = async (world: BillingWorld, buyer: Buyer): Promise<Buyer> => ({
  ...buyer,
  ...(await signIn(world)),
})

export const act = (world: BillingWorld, { id, token }: Buyer, method: string, path: string, body?: object) =>
  world.insist({
    method,
    path: `/v1/sites/${id}${path}`,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  })

/** @returns the id of the session. */
export const beginCheckout = async (world: BillingWorld, buyer: Buyer, plan: Plan): Promise<string> => {
  const answer = await act(world, buyer, 'POST', '/checkout', { plan, interval: 'month', currency: 'EUR' })
  return String(expectStatus(answer, 200, 201)['id'])
}

export const buy = async (world: BillingWorld, buyer: Buyer, plan: Plan): Promise<void> => {
  await beginCheckout(world, buyer, plan)
  await payWhereverOpen(world)
}

export const changePlan = async (world: BillingWorld, buyer: Buyer, plan: Plan): Promise<void> => {
  expectStatus(await act(world, buyer, 'POST', '/plan', { plan, interval: 'month' }), 200)
  await world.deliver()
}

/** The bank wants the payment confirmed, so nothing is changed yet. */
export const askForPlan = async (world: BillingWorld, buyer: Buyer, plan: Plan): Promise<void> => {
  expectStatus(await act(world, buyer, 'POST', '/plan', { plan, interval: 'month' }), 202)
  await world.deliver()
}

/** The card is declined, so nothing is changed. */
export const tryToChangePlan = async (world: BillingWorld, buyer: Buyer, plan: Plan): Promise<void> => {
  expectStatus(await act(world, buyer, 'POST', '/plan', { plan, interval: 'month' }), 402)
  await world.deliver()
}

export const openPortal = async (world: BillingWorld, buyer: Buyer): Promise<string> =>
  String(expectStatus(await act(world, buyer, 'POST', '/portal'), 200)['url'])

/** Asked once more, it is deleted already. */
export const deleteSite = async (world: BillingWorld, buyer: Buyer): Promise<void> => {
  expectStatus(await act(world, buyer, 'DELETE', '', { confirm: 'shop.localhost' }), 200, 409)
  await world.quiet()
  await world.deliver()
}

/** Asked once more, there is nothing to revoke. */
export const revokeDeletion = async (world: BillingWorld, buyer: Buyer): Promise<void> => {
  expectStatus(await act(world, buyer, 'DELETE', '/deletion'), 200, 409)
  await world.quiet()
  await world.deliver()
}
