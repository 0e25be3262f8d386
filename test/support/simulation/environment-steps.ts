import fc from 'fast-check'
import type { SiteId } from '../../../core/ids.ts'
import { endOfEnvironment, isEnvironment } from '../../../core/site/environment.ts'
import { ownershipOf } from '../../../core/site/site.ts'
import type { SimWorld } from './sim-world.ts'
import type { StoredItems } from './stored-items.ts'

const acts = ['create', 'extend', 'delete', 'restore', 'suspend', 'resume'] as const
const names = ['qa', 'demo', 'x'] as const

/** What happens to a site for software of its account, and to its environments. */
export type EnvironmentStep =
  | { readonly does: 'own-software' }
  | {
      readonly does: 'environment'
      readonly act: (typeof acts)[number]
      readonly name: (typeof names)[number]
      readonly pick: number
    }

export const environmentSteps: readonly {
  readonly weight: number
  readonly arbitrary: fc.Arbitrary<EnvironmentStep>
}[] = [
  { weight: 1, arbitrary: fc.record({ does: fc.constant('own-software' as const) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('environment' as const),
      act: fc.constantFrom(...acts),
      name: fc.constantFrom(...names),
      pick: fc.nat(),
    }),
  },
]

const file = {
  ...{
    name: 'shop',
    title: 'Shop',
    data: { mode: 'exclusive' },
    traffic: { container: 'web', healthPath: '/healthz' },
  },
  containers: [{ name: 'web', image: `welcome@sha256:${'d'.repeat(64)}` }],
  environments: { qa: { expires: '3d' }, demo: { expires: 'never' }, x: { expires: '12h' } },
}

interface OwnSite {
  readonly id: SiteId
  readonly email: string
}

/** Apart from the other sites: nobody sells these plans, or rolls versions out to them. */
const known = new WeakMap<SimWorld, OwnSite[]>()

const ownSites = (world: SimWorld): OwnSite[] => {
  const all = known.get(world) ?? []
  known.set(world, all)
  return all
}

interface Asking {
  readonly signIn: (email: string) => Promise<string | undefined>
  readonly insist: (request: Parameters<SimWorld['ask']>[0]) => ReturnType<SimWorld['ask']>
}

/** Somebody gets an allowance, makes a site under it, and deploys to it. */
const beginOwnSoftware = async (world: SimWorld, { signIn, insist }: Asking): Promise<void> => {
  const email = `agency-${world.integer(1_000_000)}@example.com`
  const token = await signIn(email)
  const me = token && (await insist({ method: 'GET', path: '/v1/account/export', token }))
  const account = me && (me.body['account'] as { id?: string } | undefined)?.id
  if (account === undefined || token === undefined) return
  const allowance = { plan: 'enterprise', sites: 1, reason: 'simulated' }
  const path = `/v1/operator/accounts/${account}/allowance`
  await insist({ method: 'PUT', path, body: allowance, token: world.operator('admin') })
  const body = { slug: `agency-${world.integer(1_000_000)}`, software: 'own' }
  await insist({ method: 'POST', path: '/v1/sites', body, token })
  await world.quiet()
  const listed = await insist({ method: 'GET', path: '/v1/sites', token })
  for (const { id } of (listed?.body['sites'] ?? []) as { id: SiteId }[]) {
    ownSites(world).push({ id, email })
    await insist({ method: 'POST', path: `/v1/sites/${id}/deployments`, body: { file }, token })
  }
  await world.quiet()
}

export const doEnvironmentStep = async (world: SimWorld, step: EnvironmentStep, asking: Asking): Promise<void> => {
  if (step.does === 'own-software') return beginOwnSoftware(world, asking)
  const all = ownSites(world)
  const site = all[step.pick % Math.max(1, all.length)]
  if (site === undefined) return
  const { act, name } = step
  if (act === 'suspend' || act === 'resume') {
    const path = `/v1/operator/sites/${site.id}/${act}`
    await world.ask({ method: 'POST', path, body: { reason: 'simulated' }, token: world.operator('admin') })
    return
  }
  const token = await asking.signIn(site.email)
  if (token === undefined) return
  const path = `/v1/sites/${site.id}/environments`
  if (act === 'create') await world.ask({ method: 'POST', path, body: { name }, token })
  else if (act === 'delete') await world.ask({ method: 'DELETE', path: `${path}/${name}`, token })
  else await world.ask({ method: 'POST', path: `${path}/${name}/${act}`, body: {}, token })
}

/** Each environment that is not deleted has one place of its production, and nothing else has one. None is there after its time. */
export const environmentProblems = (world: SimWorld, { sites, ofKind }: StoredItems): readonly string[] => {
  const existing = sites.flatMap((site) =>
    isEnvironment(site) && site.status !== 'purged' && site.status !== 'failed' ? [site] : [],
  )
  const places = ofKind('trial').filter(({ sk }) => String(sk).startsWith('TRIAL#environment#'))
  const held = places.map(({ sk, siteId }) => `${sk} of ${siteId}`).toSorted()
  // One that is deleted with its production keeps its place.
  const wanted = existing
    .flatMap((site) => {
      const { trialOf } = ownershipOf(site) ?? {}
      return trialOf === undefined && 'deletion' in site && site.deletion ? [] : [`TRIAL#${trialOf} of ${site.id}`]
    })
    .toSorted()
  return [
    ...(held.join() === wanted.join() ? [] : [`the places are ${held.join()}, and the environments ${wanted.join()}`]),
    ...existing
      .filter((site) => {
        const end = endOfEnvironment(site)
        return end !== undefined && end < world.now() && !('deletion' in site && site.deletion)
      })
      .map(({ id, status }) => `the environment ${id} is ${status} after its end`),
  ]
}
