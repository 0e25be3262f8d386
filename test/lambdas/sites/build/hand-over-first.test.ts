import { expect, it } from 'vitest'
import { SitewrightError } from '../../../../core/errors.ts'
import type { OneOff, OneOffState } from '../../../../core/ports/runtime.ts'
import { handOverFirst } from '../../../../lambdas/sites/build/hand-over-first.ts'
import { createSite } from '../../../../lambdas/sites/claim/create-site.ts'
import { plainSecrets } from '../../../support/plain-secrets.ts'
import { openProvisioning } from '../../../support/provisioning.ts'

const owner = {
  schemaVersion: 1,
  id: 'prsn_01jq3v5k8m0000000000000000',
  email: 'ada@example.com',
  emailHash: 'x',
  createdAt: '2026-03-01T12:00:00.000Z',
} as const

/** A site that is built for its owner, whose product has a command; the runtime answers with `ends`. */
const scene = async (ends: () => OneOffState, isFirst = true) => {
  const stage = await openProvisioning()
  const { id } = await createSite(stage.ports, stage.requestOf('harbour'))
  const task = { command: ['shop', 'create-admin'], environment: { EMAIL: '${OWNER_EMAIL} at ${SITE_URL}' } }
  const runs: OneOff[] = []
  let isTold = false
  const handOver = { task: { ...task, ...(isFirst && { beforeStart: true as const }) } }
  const ports = {
    ...stage.ports,
    sites: {
      ...stage.ports.sites,
      get: async (siteId: typeof id) => {
        const site = await stage.ports.sites.get(siteId)
        return site && !isTold && site.handOver === undefined
          ? { ...site, access: 'claimed' as const, handOver: { status: 'pending' as const } }
          : site
      },
    },
    blueprints: {
      ...stage.ports.blueprints,
      get: async (...reference: Parameters<typeof stage.ports.blueprints.get>) => {
        const blueprint = await stage.ports.blueprints.get(...reference)
        return blueprint && { ...blueprint, access: 'claimed' as const, handOver }
      },
    },
    ...plainSecrets(async () => 'secret'),
    rootPublicKey: 'key',
    siteUrl: (hostname: string) => `https://${hostname}`,
    accounts: { getOwner: async () => owner },
    runtime: {
      runOnce: async (_: unknown, run: OneOff) => {
        runs.push(run)
        return ends()
      },
    },
  }
  const run = () => handOverFirst(ports, { siteId: id, fence: 1 })
  const status = async () => {
    isTold = true
    const site = await stage.ports.sites.get(id)
    return site?.handOver?.status
  }
  return { run, runs, status }
}
const ended = (exitCode: number): OneOffState => ({ state: 'ended', exitCode, lines: [] })

it('makes the administrator before the first start, and the hand-over is done', async () => {
  const { run, runs, status } = await scene(() => ended(0))
  await run()
  expect(await status()).toBe('done')
  expect(runs).toMatchObject([
    {
      command: ['shop', 'create-admin'],
      environment: { EMAIL: 'ada@example.com at https://harbour.sites.example.com' },
    },
  ])
})

it('is waited for while it runs', async () => {
  const { run, status } = await scene(() => ({ state: 'running' }))
  await expect(run()).rejects.toMatchObject({ name: 'SiteNotReady' })
  expect(await status()).toBeUndefined()
})

it.each([
  ['ends with an error', () => ended(3)],
  [
    'cannot be started',
    () => {
      throw new SitewrightError('LaunchFailed', 'there is no shop')
    },
  ],
] as const)('leaves the hand-over to the usual way where it %s', async (_, ends) => {
  const { run, runs, status } = await scene(ends)
  await run()
  expect([runs.length, await status()]).toEqual([1, undefined])
})

it('does not run where the product has to be started before', async () => {
  const { run, runs } = await scene(() => ended(0), false)
  await run()
  expect(runs).toEqual([])
})
