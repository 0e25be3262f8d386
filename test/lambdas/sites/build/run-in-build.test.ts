import { expect, it } from 'vitest'
import { SitewrightError } from '../../../../core/errors.ts'
import type { OneOff } from '../../../../core/ports/runtime.ts'
import { runInBuild } from '../../../../lambdas/sites/build/run-in-build.ts'
import { siteSamples } from '../../../support/site-samples.ts'

const { building } = siteSamples
const run = { what: 'The command', key: 'a', command: ['dump'], environment: {}, seconds: 60 }

/** Looks at a command that runs, while reading the site answers so. @returns the limits with which it was run. */
const lookWhere = async (get: () => Promise<unknown>) => {
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
  const away = await lookWhere(async () => {
    throw new SitewrightError('Unavailable', 'away')
  })
  expect(away).toMatchObject({ limits: [60], error: { kind: 'Unavailable' } })
  const superseded = { ...building, operation: { ...building.operation, fence: building.operation.fence + 1 } }
  expect(await lookWhere(async () => superseded)).toMatchObject({
    limits: [60, 0],
    error: { kind: 'OperationSuperseded' },
  })
  expect(await lookWhere(async () => building)).toMatchObject({ limits: [60], error: { kind: 'SiteNotReady' } })
})
