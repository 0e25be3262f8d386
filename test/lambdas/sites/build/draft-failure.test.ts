import { expect, it } from 'vitest'
import { toInstant } from '../../../../core/instant.ts'
import type { HealthAnswer } from '../../../../core/ports/probes.ts'
import type { Observation } from '../../../../core/ports/runtime.ts'
import type { BuildingSite } from '../../../../core/site/site.ts'
import { type BlueprintStatus, newStatus, submitted } from '../../../../lambdas/blueprints/blueprint-status.ts'
import { checkReady } from '../../../../lambdas/sites/build/check-ready.ts'
import type { FailureEvidence } from '../../../../lambdas/sites/evidence/evidence.ts'
import { fixedContext, recordingLog } from '../../../support/fixed-ports.ts'
import { plainSecrets } from '../../../support/plain-secrets.ts'
import { welcome } from '../../../support/provisioning.ts'

const id = 'site_01jq3v5k8m0000000000000000'
const start = '2026-01-31T09:30:00.000Z'

const site: BuildingSite = {
  schemaVersion: 1,
  id,
  version: 3,
  status: 'building',
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version: 2 },
  draft: 1,
  policyVersion: 1,
  createdAt: start,
  generation: 1,
  completedSteps: [],
  operation: { id: `provision-${id}-1`, kind: 'provision', fence: 1, startedAt: start, launchedAt: start },
}

const running = { name: 'web', isRunning: true, ends: 0, lines: [] }
const own = { port: 4000, listeners: [{ port: 4000, isLocal: false }] }
const saying = (line: string) => ({ ...own, containers: [{ ...running, lines: [line] }] })
const silent: HealthAnswer = { failure: 'silent' }

/** Looks at a site of a draft, each second after its launch, in a world that stays the same. */
const check = async (seen: Observation, answer: HealthAnswer, seconds: readonly number[], of = site) => {
  let status: BlueprintStatus | undefined = submitted(newStatus('welcome'), welcome(2), { now: start, again: false })
  const kept: FailureEvidence[] = []
  const log = recordingLog()
  let now = start
  const ports = {
    sites: { get: async () => of, commit: async () => ({ done: true }) },
    blueprints: {
      get: async () => welcome(2),
      status: async () => status,
      saveStatus: async (next: BlueprintStatus) => {
        status = next
        return true
      },
    },
    ...plainSecrets(async () => 'a-secret'),
    runtime: {
      locate: async () => ({ host: '127.0.0.1', port: 4000 }),
      observe: async () => seen,
      countEnds: async () => 0,
    },
    probe: { isHealthy: async () => false, ask: async () => answer, meets: async () => false },
    evidence: { keep: async (evidence: FailureEvidence) => void kept.push(evidence) },
    clocks: { domain: () => now, wall: () => now },
    randomness: fixedContext().randomness,
    log,
    placementSeconds: 0,
  } as unknown as Parameters<typeof checkReady>[0]
  for (const second of seconds) {
    now = toInstant(new Date(Date.parse(start) + second * 1000))
    await expect(checkReady(ports, { siteId: id, fence: 1 })).rejects.toThrow('does not answer yet')
  }
  return { kept, draft: status?.draft, log }
}

const telling: readonly (readonly [string, Observation, HealthAnswer, string])[] = [
  [
    'crash',
    { containers: [{ ...running, isRunning: false, ends: 1, lastEnd: { exitCode: 3 } }] },
    { failure: 'refused' },
    'with exit code 3',
  ],
  [
    'wrong-port',
    { containers: [running], port: 4000, listeners: [{ port: 8090, isLocal: false }] },
    { failure: 'refused' },
    'It listens on 8090 instead of PORT (4000).',
  ],
  ['wrong-health-path', { containers: [running], ...own }, { status: 404 }, 'answers 404'],
  ['refused-write', saying('mkdir /srv: read-only file system'), silent, 'was refused a write to /srv'],
  ['limit', saying('write /tmp/x: no space left on device'), silent, 'ran out of space'],
]

it.each(telling)(
  'reports a %s of the first site of a draft once, before its time is up',
  async (cause, seen, answer, words) => {
    const { kept, draft, log } = await check(seen, answer, [4, 5, 6, 20])
    expect(kept).toMatchObject([
      { cause, detail: expect.stringContaining(words), error: 'SiteNotReady', during: 'build' },
    ])
    expect(draft).toMatchObject({ state: 'trying', failures: 0, soFar: { siteId: id, cause } })
    expect(log.lines.filter(({ fields }) => fields['event'] === 'blueprint-draft-failing')).toHaveLength(1)
  },
)

it.each<readonly [string, Observation, HealthAnswer]>([
  ['one that listens nowhere yet', { containers: [running], port: 4000, listeners: [] }, { failure: 'refused' }],
  ['one that answers with a fault while it starts', { containers: [running], ...own }, { status: 503 }],
  [
    'one whose database listens already',
    { containers: [running, { ...running, name: 'database' }], port: 4000, listeners: [{ port: 5432, isLocal: true }] },
    { failure: 'refused' },
  ],
])('reports nothing of %s', async (_, seen, answer) => {
  const { kept, draft } = await check(seen, answer, [4, 5, 20])
  expect([kept, draft?.soFar]).toEqual([[], undefined])
})

it('reports nothing of a site of a published version', async () => {
  const { draft: _, ...published } = site
  const [, [, seen, answer] = []] = telling
  const { kept } = await check(seen!, answer!, [5, 20], published)
  expect(kept).toEqual([])
})
