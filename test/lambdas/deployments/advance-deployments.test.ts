import { describe, expect, it } from 'vitest'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import type { OperationOf } from '../../../core/site/operation.ts'
import type { ActiveSite, Site } from '../../../core/site/site.ts'
import { advanceDeployments, advanceDeploymentsOf } from '../../../lambdas/deployments/advance-deployments.ts'
import { type Deployment, ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import config from '../../../sitewright.config.ts'
import { active, archiveNumbered } from '../../core/site/kept-sites.ts'
import { fixedContext, recordingLog, wallNow } from '../../support/fixed-ports.ts'
import { welcome } from '../../support/provisioning.ts'

const { operation: _, ...idle } = active({ plan: 'enterprise', configuration: 1 })
const vendors: Site = { ...idle, ownership: { ...idle.ownership, trialOf: 'allowance#1' } }
const name = ownBlueprint(vendors.id)
const own: Site = { ...vendors, blueprint: { name, version: 2 } }
const ofItsData = expect.not.objectContaining({ empty: true })
const release = { command: ['migrate'], migrates: false, backwardCompatible: true, checks: [], bakeSeconds: 60 }
const both = { ...release, migrates: true }
const migrating = { ...both, command: undefined }

const waiting = (more: object = {}, blueprint: object = {}) =>
  ({
    ...{ siteId: own.id, version: 3, status: 'proving', at: wallNow, actor: { kind: 'system' }, images: {}, file: {} },
    ...{ blueprint: { ...welcome(3), name, ...blueprint }, ...more },
  }) as Deployment

const open = (deployment: Deployment, site: Site | undefined = own, more: object = {}) => {
  const seen = { commits: [] as SiteChange[], changes: [] as Deployment[], erased: [] as string[] }
  const erase = (what: string) => async () => void seen.erased.push(what)
  const ports = {
    ...{ ...fixedContext(), log: recordingLog(), plans: planCatalogue(config.plans), seen },
    accounts: { get: async () => ({ allowance: { plan: 'enterprise', sites: 1 } }) },
    blueprints: { publish: async () => undefined },
    configurations: { erase: erase('configurations') },
    deployments: {
      list: async () => [deployment, { ...waiting(), version: 2, status: 'live' }],
      open: async () => [deployment],
      waiting: async function* () {
        yield deployment.siteId
      },
      change: async (_: unknown, after: Deployment) => seen.changes.push(after) > 0,
      erase: erase('deployments'),
    },
    sites: { get: async () => site, commit: async (change: SiteChange) => ({ done: seen.commits.push(change) > 0 }) },
    workflows: { start: async () => 'started' },
    ...more,
  }
  return ports as unknown as Parameters<typeof advanceDeployments>[0] & Pick<typeof ports, 'seen'>
}
const begun = async (...given: Parameters<typeof open>) => {
  const ports = open(...given)
  await advanceDeploymentsOf(ports, own.id, 'an-event')
  return ports.seen
}

describe('a deployment that begins', () => {
  const archiveId = archiveNumbered(1).id
  const imported = { archiveId, digest: '' }
  const enterprise = config.plans.find(({ id }) => id === 'enterprise')
  const maxBytes = (enterprise?.limits.storageMiB ?? 0) * 2 ** 20
  it.each<[string, Site, Deployment, object]>([
    ['of another version stays on its data', own, waiting(), {}],
    ['of one that migrates starts on a copy', own, waiting({}, { release: migrating }), { copy: ofItsData }],
    ['runs the command of its version', own, waiting({}, { release }), { command: 'due' }],
    ['for the first time has no data of the vendor', vendors, waiting(), { copy: { empty: true } }],
    [
      'of an import has its data',
      vendors,
      waiting({ imported }, { release }),
      { copy: { restores: archiveId, maxBytes } },
    ],
    ['of a way back does nothing to the data', own, waiting({ back: { to: 1 } }, { release: both }), {}],
    ['of a way back has the data', own, waiting({ back: { to: 1, archiveId } }), { copy: { restores: archiveId } }],
  ])('%s', async (_name, site, deployment, wanted) => {
    const [{ after }] = (await begun(deployment, site)).commits as [SiteChange<ActiveSite>]
    const { copy, command } = after.operation as OperationOf<'upgrade'>
    expect({ copy, command }).toMatchObject({ copy: undefined, command: undefined, ...wanted })
  })

  it.each<[string, Deployment, object]>([
    ['its account has no allowance any more', waiting(), { accounts: { get: async () => ({}) } }],
    ['its plan opens less', waiting({}, { data: { mode: 'exclusive', owner: { uid: 999, gid: 999 } } }), {}],
  ])('fails, and moves no site, where %s', async (_name, deployment, more) => {
    const { commits, changes } = await begun(deployment, own, more)
    expect([commits, changes]).toMatchObject([[], [{ status: 'failed' }]])
  })
})

describe('the sites that wait for a deployment', () => {
  const old = waiting({ at: '2026-02-01T12:00:00.000Z' })

  it('lose their values and deployments only if they were never made', async () => {
    for (const [deployment, site, erased] of [
      [old, own, []],
      [waiting(), undefined, []],
      [old, undefined, ['configurations', 'deployments']],
    ] as const) {
      const ports = open(deployment, site, site ? {} : { sites: { get: async () => undefined } })
      await advanceDeployments(ports, 'a-tick')
      expect(ports.seen.erased).toEqual(erased)
    }
  })

  it('are named if one cannot be moved', async () => {
    const ports = open(waiting(), own, { accounts: { get: () => Promise.reject(new Error('no answer')) } })
    await expect(advanceDeployments(ports, 'a-tick')).rejects.toThrow(`Deployments failed for: ${own.id}`)
  })
})
