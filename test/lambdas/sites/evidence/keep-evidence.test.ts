import { expect, it } from 'vitest'
import type { Site } from '../../../../core/site/site.ts'
import type { FailureEvidence } from '../../../../lambdas/sites/evidence/evidence.ts'
import { keepEvidenceOfOperation } from '../../../../lambdas/sites/evidence/keep-evidence.ts'
import { archived, asleep, under } from '../../../core/site/kept-sites.ts'
import { recordingLog } from '../../../support/fixed-ports.ts'
import { plainSecrets } from '../../../support/plain-secrets.ts'
import { welcome } from '../../../support/provisioning.ts'
import { attemptAt } from '../../../support/reclaim-scene.ts'

const at = '2026-03-01T12:00:00.000Z'
const seen = {
  containers: [{ name: 'web', isRunning: false, ends: 1, lastEnd: { exitCode: 3 }, lines: ['no such table'] }],
}

const keep = async (site: Site, attempt = attemptAt(site)): Promise<readonly FailureEvidence[]> => {
  const kept: FailureEvidence[] = []
  const ports = {
    sites: { get: async () => site },
    blueprints: { get: async (_: string, version: number) => welcome(version), status: async () => undefined },
    ...plainSecrets(async () => 'a-secret'),
    runtime: { locate: async () => undefined, observe: async () => seen },
    probe: { ask: async () => ({ status: 500 }), meets: async () => true },
    evidence: { keep: async (evidence: FailureEvidence) => void kept.push(evidence) },
    clocks: { domain: () => at, wall: () => at },
    log: recordingLog(),
  }
  await keepEvidenceOfOperation(ports, attempt, 'LaunchFailed')
  return kept
}

it.each([
  ['restore', under(archived(), 'restore')],
  ['wake', under(asleep(), 'wake')],
] as const)('keeps the evidence of a failed %s', async (during, begun) => {
  const site = { ...begun, operation: { ...begun.operation, id: `${during}-site-1` } }
  expect(await keep(site)).toMatchObject([
    {
      id: `${during}-site-1-1`,
      siteId: site.id,
      during,
      error: 'LaunchFailed',
      cause: 'crash',
      detail: expect.stringContaining('with exit code 3'),
      blueprint: { name: 'welcome', version: 1 },
      observation: seen,
    },
  ])
})

it('keeps nothing of an attempt that was superseded', async () => {
  const site = under(asleep(), 'wake')
  await expect(keep(site, { ...attemptAt(site), fence: 2 })).rejects.toThrow(
    expect.objectContaining({ name: 'OperationSuperseded' }),
  )
})
