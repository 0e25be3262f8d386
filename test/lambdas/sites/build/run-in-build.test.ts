import { expect, it } from 'vitest'
import { SitewrightError } from '../../../../core/errors.ts'
import type { Launch, OneOff } from '../../../../core/ports/runtime.ts'
import type { BuildingSite } from '../../../../core/site/site.ts'
import { runInBuild } from '../../../../lambdas/sites/build/run-in-build.ts'
import { siteSamples } from '../../../support/site-samples.ts'

const { building } = siteSamples
const run = { what: 'The command', key: 'a', command: ['dump'], environment: {}, seconds: 60 }

/** Looks at a command that runs, while reading the site answers so. @returns the limits with which it was run. */
const checkWhere = async (get: () => Promise<unknown>) => {
  const limits: number[] = []
  const runOnce = async (_: unknown, { seconds }: OneOff) => {
    limits.push(seconds)
    return { state: 'running' as const }
  }
  const ports = { sites: { get }, runtime: { runOnce } } as unknown as Parameters<typeof runInBuild>[0]
  const attempt = { siteId: building.id, fence: building.operation.fence }
  const error = await runInBuild(ports, building, {} as never, run, attempt).catch((reason: unknown) => reason)
  return { limits, error }
}

it('leaves a command running where its site cannot be read, and ends it where the build has ended', async () => {
  const away = await checkWhere(async () => {
    throw new SitewrightError('Unavailable', 'away')
  })
  expect(away).toMatchObject({ limits: [60], error: { kind: 'Unavailable' } })
  const superseded = { ...building, operation: { ...building.operation, fence: building.operation.fence + 1 } }
  expect(await checkWhere(async () => superseded)).toMatchObject({
    limits: [60, 0],
    error: { kind: 'OperationSuperseded' },
  })
  expect(await checkWhere(async () => building)).toMatchObject({ limits: [60], error: { kind: 'SiteNotReady' } })
})

it('says what a command wrote at last, without secrets, unless its data is of a copy', async () => {
  const launch = { secrets: { TOKEN: 'hunter-2' } } as unknown as Launch
  const ended = { state: 'ended', exitCode: 4, lines: ['x'.repeat(400), 'no products.json for hunter-2'] } as const
  const ports = { runtime: { runOnce: async () => ended } } as unknown as Parameters<typeof runInBuild>[0]
  const attempt = { siteId: building.id, fence: building.operation.fence }
  const messageOf = (site: BuildingSite) => runInBuild(ports, site, launch, run, attempt).then(() => '', String)
  const shown = await messageOf(building)
  expect(shown).toMatch(/The command ended with exit code 4\. Its last output: x+\nno products\.json for …$/)
  expect(shown.length).toBeLessThan(450)
  const from = { siteId: building.id, archiveId: 'archive' } as unknown as BuildingSite['operation']['from']
  expect(await messageOf({ ...building, operation: { ...building.operation, from } })).toMatch(/exit code 4\.$/)
})
