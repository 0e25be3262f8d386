import fc from 'fast-check'
import { eventSource } from '../../../core/events/event-names.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import type { SiteId } from '../../../core/ids.ts'
import { patternsOf } from '../../../lambdas/manifest.ts'
import { releaseCopyOf } from '../../../lambdas/releases/restore-copy.ts'
import { requestSleep } from '../../../lambdas/sleep/sleep-site.ts'
import { requestWake } from '../../../lambdas/sleep/wake-site.ts'
import { type CellStep, cellSteps, doCellStep } from './cell-steps.ts'
import { doEnvironmentStep, type EnvironmentStep, environmentSteps } from './environment-steps.ts'
import { publishTo } from './life.ts'
import { doMoneyStep, type MoneyStep, moneySteps } from './money-steps.ts'
import { doRelocationStep, type RelocationStep, relocationSteps } from './relocation-steps.ts'
import type { SimWorld } from './sim-world.ts'

/** One thing that happens. `site` picks one of those there are; `pick` one of whatever else there is. */
export type Step =
  | { readonly does: 'sign-up' | 'kill-host' | 'release-brake' | 'pull-brake' }
  | {
      readonly does: 'write' | 'grow' | 'resume' | 'extend' | 'delete' | 'revoke-deletion' | 'copy'
      readonly site: number
    }
  | { readonly does: 'fall-asleep' | 'visit'; readonly site: number }
  | MoneyStep
  | EnvironmentStep
  | RelocationStep
  | CellStep
  | { readonly does: 'arrange-plan' | 'end-plan'; readonly site: number }
  | { readonly does: 'stripe-silent'; readonly calls: number }
  | { readonly does: 'stripe-tells'; readonly max: number }
  | {
      readonly does: 'operator'
      readonly act: 'suspend' | 'resume' | 'restore' | 'hold' | 'unhold' | 'purge' | 'purge-too'
      readonly site: number
    }
  | { readonly does: 'operator-extends'; readonly site: number; readonly days: number }
  | { readonly does: 'move-policy'; readonly from: 1 | 2 }
  | { readonly does: 'roll-out'; readonly to: number }
  | { readonly does: 'roll-out-act'; readonly act: 'pause' | 'resume' | 'abort' | 'retry' }
  | { readonly does: 'pass' | 'sleep'; readonly hours: number }
  | { readonly does: 'faults' | 'job-faults'; readonly oneIn: number }
  | { readonly does: 'zombie' | 'late-event' | 'restore-release-copy'; readonly pick: number }

const site = fc.nat({ max: 7 })
const withSite = <Does extends string>(...does: readonly Does[]) => fc.record({ does: fc.constantFrom(...does), site })

export const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('sign-up' as const) }) },
  {
    weight: 10,
    arbitrary: fc.record({ does: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 24 * 22 }) }),
  },
  { weight: 8, arbitrary: withSite('write') },
  { weight: 1, arbitrary: withSite('grow') },
  { weight: 6, arbitrary: withSite('resume') },
  { weight: 2, arbitrary: withSite('extend', 'copy') },
  { weight: 8, arbitrary: withSite('fall-asleep') },
  { weight: 10, arbitrary: withSite('visit') },
  { weight: 2, arbitrary: withSite('delete', 'revoke-deletion') },
  ...moneySteps,
  ...environmentSteps,
  ...relocationSteps,
  ...cellSteps,
  { weight: 1, arbitrary: withSite('arrange-plan', 'end-plan') },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('stripe-silent' as const), calls: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant('stripe-tells' as const), max: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('operator' as const),
      act: fc.constantFrom('suspend', 'resume', 'restore', 'hold', 'unhold', 'purge', 'purge-too'),
      site,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('operator-extends' as const),
      site,
      days: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('move-policy' as const), from: fc.constantFrom(1, 2) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('roll-out' as const), to: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('roll-out-act' as const),
      act: fc.constantFrom('pause', 'resume', 'abort', 'retry'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('sleep' as const), hours: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('release-brake' as const, 'pull-brake' as const) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('kill-host' as const) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('faults' as const), oneIn: fc.constantFrom(0, 12, 40, 150) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('job-faults' as const), oneIn: fc.constantFrom(0, 2, 5) }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constantFrom('zombie' as const, 'late-event' as const), pick: fc.nat() }),
  },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('restore-release-copy' as const), pick: fc.nat() }) },
)

interface Person {
  readonly email: string
  readonly token: string
  readonly since: number
}

/** Who owns what: the run's own memory of people. */
const people = new WeakMap<SimWorld, Map<SiteId, Person>>()

const peopleOf = (world: SimWorld): Map<SiteId, Person> => {
  const known = people.get(world) ?? new Map<SiteId, Person>()
  people.set(world, known)
  return known
}

const tries = 4

const insist = async (world: SimWorld, request: Parameters<SimWorld['ask']>[0]) => {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const answer = await world.ask(request)
    if (answer !== undefined) return answer
  }
  return undefined
}

const signIn = async (world: SimWorld, email: string): Promise<string | undefined> => {
  const started = await insist(world, {
    method: 'POST',
    path: '/v1/signups',
    body: { email, timeZone: 'Europe/Berlin' },
  })
  await world.quiet()
  const code = world.outside.mails.findLast(({ to, code: found }) => to === email && found !== undefined)?.code
  const id = started?.body['id']
  if (code === undefined || typeof id !== 'string') return undefined
  const verified = await insist(world, { method: 'POST', path: `/v1/signups/${id}/verification`, body: { code } })
  const session = verified?.body['session'] as { token?: string } | undefined
  return session?.token
}

const signUp = async (world: SimWorld): Promise<void> => {
  const number = world.siteIds.length
  // The address of one who gave up half-way is tried again by nobody.
  const email = `owner-${number}-${world.integer(1_000_000)}@example.com`
  const token = await signIn(world, email)
  if (token === undefined) return
  const slug = `site-${number}-${world.integer(1_000_000)}`
  await insist(world, { method: 'POST', path: '/v1/sites', body: { slug }, token })
  await world.quiet()
  const listed = await insist(world, { method: 'GET', path: '/v1/sites', token })
  for (const { id } of (listed?.body['sites'] ?? []) as { id: SiteId }[]) {
    world.siteIds.push(id)
    peopleOf(world).set(id, { email, token, since: Date.parse(world.now()) })
  }
}

const days = (count: number): number => count * 86_400_000

/** A session that is not used ends after fourteen days. */
const tokenFor = async (world: SimWorld, siteId: SiteId): Promise<string | undefined> => {
  const owner = peopleOf(world).get(siteId)
  if (owner === undefined) return undefined
  if (Date.parse(world.now()) - owner.since < days(13)) return owner.token
  const token = await signIn(world, owner.email)
  if (token !== undefined) peopleOf(world).set(siteId, { ...owner, token, since: Date.parse(world.now()) })
  return token
}

const askAsOwner = async (world: SimWorld, siteId: SiteId, method: string, path: string, body?: object) => {
  const token = await tokenFor(world, siteId)
  if (token === undefined) return undefined
  return insist(world, { method, path: `/v1/sites/${siteId}${path}`, token, ...(body === undefined ? {} : { body }) })
}

const asOwner = async (world: SimWorld, siteId: SiteId, method: string, path: string, body?: object): Promise<void> => {
  const token = await tokenFor(world, siteId)
  if (token === undefined) return
  await world.ask({ method, path: `/v1/sites/${siteId}${path}`, token, ...(body === undefined ? {} : { body }) })
}

const asOperator = (world: SimWorld, siteId: SiteId, act: string, body: object, name = 'ada') =>
  world.ask({
    method: 'POST',
    path: `/v1/operator/sites/${siteId}/${act}`,
    body: { reason: 'simulated', ...body },
    token: world.operator('admin', name),
  })

/** Restores the release copy of a site that has one, if there is such a site. */
const restoreOne = async (world: SimWorld, pick: number): Promise<void> => {
  const copies = world.siteIds.flatMap((id) => {
    const site = world.record(id)
    const archiveId = site && releaseCopyOf(site)?.id
    return archiveId === undefined ? [] : [{ id, archiveId }]
  })
  const found = copies[pick % Math.max(1, copies.length)]
  if (found !== undefined) await asOperator(world, found.id, 'restore-release-copy', { archiveId: found.archiveId })
}

const ownerActs = {
  resume: (world: SimWorld, id: SiteId) => asOwner(world, id, 'POST', '/resume', {}),
  extend: (world: SimWorld, id: SiteId) => asOwner(world, id, 'POST', '/extend', {}),
  copy: (world: SimWorld, id: SiteId) => asOwner(world, id, 'POST', '/archives', {}),
  'revoke-deletion': (world: SimWorld, id: SiteId) => asOwner(world, id, 'DELETE', '/deletion'),
  delete: (world: SimWorld, id: SiteId) => {
    const site = world.record(id)
    const confirm = site !== undefined && 'ownership' in site ? site.ownership?.hostname : ''
    return asOwner(world, id, 'DELETE', '', { confirm })
  },
} as const

const replayTask = async (world: SimWorld, pick: number): Promise<void> => {
  const task = world.tasks[pick % Math.max(1, world.tasks.length)]
  if (task === undefined) return
  const { functions, line } = await world.life()
  const found = functions.find(({ name }) => name === task.functionName)
  await Promise.race([found?.invoke(task.input).catch(() => undefined), line.gone])
}

const deliverAgain = async (world: SimWorld, pick: number): Promise<void> => {
  const event = world.events[pick % Math.max(1, world.events.length)]
  if (event === undefined) return
  const { functions, line } = await world.life()
  for (const { definition, invoke } of functions) {
    const delivery = { id: event.id, source: eventSource, 'detail-type': event.type, detail: event }
    if (!patternsOf(definition).some((pattern) => matchesPattern(delivery, pattern))) continue
    await Promise.race([invoke(delivery).catch(() => undefined), line.gone])
  }
}

const givePlan = async (world: SimWorld, siteId: SiteId, plan: 'growth' | 'trial'): Promise<void> => {
  await asOperator(world, siteId, 'plan', { plan })
}

type Asking = (...given: Parameters<typeof requestWake>) => Promise<unknown>

const request = async (world: SimWorld, siteId: SiteId, ask: Asking) => {
  const { requestPorts, line } = await world.life()
  const ports = requestPorts()
  const asked = ports && ask(ports, siteId, 'simulated').catch(() => undefined)
  await Promise.race([asked, line.gone])
}

/** A router holds a visitor of a site that sleeps; what the visitor then writes may come in the middle of anything. */
const visit = async (world: SimWorld, siteId: SiteId): Promise<void> => {
  await request(world, siteId, requestWake)
  if (world.integer(2) === 0) await world.quiet()
  const site = world.record(siteId)
  if (site !== undefined) world.outside.write(site)
}

const withSiteAct = async (world: SimWorld, step: Extract<Step, { site: number }>, siteId: SiteId): Promise<void> => {
  switch (step.does) {
    case 'write': {
      const site = world.record(siteId)
      if (site !== undefined) world.outside.write(site)
      return
    }
    case 'fall-asleep':
      return request(world, siteId, (ports, id, causationId) => requestSleep(ports, id, { causationId }))
    case 'visit':
      return visit(world, siteId)
    case 'grow':
      return world.outside.grow(siteId)
    case 'arrange-plan':
      return givePlan(world, siteId, 'growth')
    case 'end-plan':
      return givePlan(world, siteId, 'trial')
    case 'operator':
      await asOperator(world, siteId, step.act.replace('-too', ''), {}, step.act === 'purge-too' ? 'grace' : 'ada')
      return
    case 'operator-extends':
      await asOperator(world, siteId, 'extend', { by: `P${step.days}D` })
      return
    case 'resume':
    case 'extend':
    case 'copy':
    case 'delete':
    case 'revoke-deletion':
      return ownerActs[step.does](world, siteId)
    case 'relocate-now':
    case 'configure':
    case 'agree':
    case 'accept-relocation':
    case 'switch-back':
    case 'confirm':
    case 'withdraw':
      return doRelocationStep(
        world,
        step,
        siteId,
        (id) =>
          (...asked) =>
            askAsOwner(world, id, ...asked),
      )
    default:
      return doMoneyStep(
        world,
        step,
        siteId,
        (id) =>
          (...asked) =>
            askAsOwner(world, id, ...asked),
      )
  }
}

const rollOut = (world: SimWorld, act: string, body: object) =>
  world.ask({
    method: 'POST',
    path: `/v1/operator/rollouts${act}`,
    body: { reason: 'simulated', ...body },
    token: world.operator('admin'),
  })

const hours = (count: number): number => count * 3_600_000

/** Does one step; whatever is refused is no step at all. */
export const doStep = async (world: SimWorld, step: Step): Promise<void> => {
  if ('site' in step) {
    const siteId = world.siteIds[step.site % Math.max(1, world.siteIds.length)]
    if (siteId !== undefined) await withSiteAct(world, step, siteId)
    return
  }
  switch (step.does) {
    case 'sign-up':
      return signUp(world)
    case 'own-software':
    case 'environment':
      return doEnvironmentStep(world, step, {
        signIn: (email) => signIn(world, email),
        insist: (request) => insist(world, request),
      })
    case 'kill-host':
      return world.kill()
    case 'pass':
      return world.pass(hours(step.hours))
    case 'stripe-silent':
      return world.stripe.fallSilent(step.calls)
    case 'stripe-tells':
      return world.hearOfStripe(step.max)
    case 'sleep':
      return world.sleep(hours(step.hours))
    case 'faults':
      return world.setFaults(step.oneIn)
    case 'job-faults':
      return world.outside.setJobFaults(step.oneIn)
    case 'zombie':
      return replayTask(world, step.pick)
    case 'late-event':
      return deliverAgain(world, step.pick)
    case 'restore-release-copy':
      return restoreOne(world, step.pick)
    case 'move-policy':
      await world.ask({
        method: 'POST',
        path: '/v1/operator/policies/move',
        body: { from: step.from, to: step.from === 1 ? 2 : 1, dryRun: false, reason: 'simulated' },
        token: world.operator('admin'),
      })
      return
    case 'roll-out':
      await publishTo((await world.life()).store, step.to)
      await rollOut(world, '', {
        blueprint: 'welcome',
        version: step.to,
        failureBudget: step.to === 2 ? 0 : 100,
        acceptIncompatibleData: true,
      })
      return
    case 'roll-out-act':
      await rollOut(world, `/welcome/${step.act}`, {})
      return
    case 'drain-cell':
    case 'lose-cell':
    case 'disk-away':
    case 'disk-back':
    case 'cell-act':
      return doCellStep(world, step)
    case 'release-brake':
    case 'pull-brake':
      await world.ask({
        method: 'POST',
        path: `/v1/operator/brake/${step.does.split('-')[0]}`,
        body: { reason: 'simulated' },
        token: world.operator('admin'),
      })
  }
}
