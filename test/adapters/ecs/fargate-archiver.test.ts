import { ECSClient } from '@aws-sdk/client-ecs'
import { describe, expect, it } from 'vitest'
import { archiverDefinition, createArchiverWatch, siteOfArchiverTask } from '../../../adapters/ecs/fargate-archiver.ts'
import { type ArchiveJob, jobOutcomeKey } from '../../../core/ports/archives.ts'
import { cellSample } from '../../support/cell-sample.ts'
import { newSiteId } from '../../support/probe-launch.ts'
import { playAws } from '../play-aws.ts'

const siteId = newSiteId()
const verify: ArchiveJob = {
  kind: 'verify',
  id: 'a',
  siteId,
  cell: 'local',
  archiveId: 'arc_01jq3v5k8m0000000000000001',
}
const release: ArchiveJob = { kind: 'release', id: 'b', siteId, home: { siteId, cell: 'local', generation: 2 } }
const outcome = JSON.stringify({ state: 'failed', error: 'ArchivingFailed', message: 'a full disk' })

const watchOf = ({ running, outcomes = {} }: { running: boolean; outcomes?: Readonly<Record<string, string>> }) => {
  const asked: object[] = []
  const ecs = playAws(new ECSClient({ region: 'eu-central-1' }), (input) => {
    asked.push(input)
    return { taskArns: running ? ['arn:a-task'] : [] }
  })
  const watch = createArchiverWatch({
    ecs,
    cells: { describe: async () => cellSample },
    archives: {
      open: async (key) => {
        const content = outcomes[key]
        if (content === undefined) return undefined
        return (async function* () {
          yield Buffer.from(content)
        })()
      },
    },
  })
  return { watch, asked }
}

it.each([undefined, { home: { siteId, cell: 'local', generation: 2 }, accessPointId: 'fsap-own' }])(
  'a task for %j is told its region, which no documentation promises of Fargate',
  (data) => {
    const cell = { ...cellSample, clusterArn: cellSample.clusterArn.replace('eu-central-1', 'ap-southeast-2') }
    const { containerDefinitions = [] } = archiverDefinition('sitewright-test-archiver', data, cell)
    expect(containerDefinitions).toHaveLength(1)
    expect(containerDefinitions[0]?.environment).toContainEqual({ name: 'AWS_REGION', value: 'ap-southeast-2' })
  },
)

describe('a job', () => {
  it('has ended when it has an outcome, good or bad, and ECS is not asked', async () => {
    const { watch, asked } = watchOf({ running: true, outcomes: { [jobOutcomeKey(verify)]: outcome } })
    expect(await watch.stateOf(verify)).toBe('ended')
    expect(asked).toEqual([])
  })

  it('on archives alone runs while a task was started by it', async () => {
    const { watch, asked } = watchOf({ running: true })
    expect(await watch.stateOf(verify)).toBe('running')
    expect(asked).toMatchObject([{ startedBy: expect.stringMatching(new RegExp(`^${siteId}-[0-9a-f]{16}$`)) }])
  })

  it('runs while any task has its data directory open', async () => {
    const { watch, asked } = watchOf({ running: true })
    expect(await watch.stateOf(release)).toBe('running')
    expect(asked).toMatchObject([{ startedBy: `${siteId}-2` }])
  })

  it('is lost without an outcome and without a task', async () => {
    expect(await watchOf({ running: false }).watch.stateOf(release)).toBe('lost')
  })
})

describe('an event of ECS', () => {
  it.each([verify, release])('tells the site of a task of the archiver: $kind', async (job) => {
    const { watch, asked } = watchOf({ running: true })
    await watch.stateOf(job)
    const [{ startedBy } = { startedBy: '' }] = asked as { startedBy: string }[]
    expect(siteOfArchiverTask({ group: 'family:x-archiver-cell_a-0', startedBy, lastStatus: 'STOPPED' })).toBe(siteId)
  })

  it.each([
    undefined,
    {},
    { group: `service:${siteId}` },
    { group: 'family:something-else', startedBy: `${siteId}-1` },
    { group: 'family:x-archiver-cell_a-0', startedBy: 'site_short-1' },
  ])('tells no site of anything else: %j', (detail) => {
    expect(siteOfArchiverTask(detail)).toBeUndefined()
  })
})
