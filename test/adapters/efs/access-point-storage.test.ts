import { EFSClient } from '@aws-sdk/client-efs'
import { expect, test } from 'vitest'
import { createAccessPointIds } from '../../../adapters/dynamodb/access-point-ids.ts'
import { documentClient } from '../../../adapters/dynamodb/client.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { createAccessPointStorage } from '../../../adapters/efs/access-point-storage.ts'
import { openStoreOn } from '../../../local/open-store.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { memoryClient } from '../../support/memory-table/memory-client.ts'
import { firstHome } from '../../support/probe-launch.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { playAws } from '../play-aws.ts'

interface Asked {
  readonly AccessPointId?: string
  readonly ClientToken?: string
  readonly Tags?: readonly object[]
  readonly PosixUser?: object
  readonly RootDirectory?: { readonly CreationInfo?: object }
}

/** A file system in memory, and the commands that it got. */
const playedFileSystem = () => {
  const points = new Map<string, object>()
  const commands: string[] = []
  const efs = playAws(new EFSClient({ region: 'eu-central-1' }), ({ AccessPointId, ...input }: Asked, command) => {
    commands.push(`${command.replace(/AccessPoints?Command$/, '')} ${AccessPointId ?? 'all'}`)
    switch (command) {
      case 'CreateAccessPointCommand': {
        const id = `fsap-${input.ClientToken}`
        const made = { AccessPointId: id, AccessPointArn: `arn:${id}`, LifeCycleState: 'available', ...input }
        points.set(id, made)
        return made
      }
      case 'DeleteAccessPointCommand':
        points.delete(AccessPointId ?? '')
        return {}
      default:
        return {
          AccessPoints: [...points.values()].filter(
            (_, index) => !AccessPointId || [...points.keys()][index] === AccessPointId,
          ),
        }
    }
  })
  return { efs, points, commands }
}

const setUp = async () => {
  const engine = memoryClient()
  const client = documentClient(engine)
  await openStoreOn({ engine, client }, { policies: samplePolicies, onCommit: () => undefined })
  const { efs, points, commands } = playedFileSystem()
  const ids = createAccessPointIds({ client, tables: tablesOf('sitewright'), cell: 'a' })
  const log = recordingLog()
  const cell = { name: 'local', fileSystemId: 'fs-1' }
  const storage = createAccessPointStorage({ efs, cell, installation: 'sample', ids, log })
  return { storage, ids, points, commands, log }
}

test('an access point is deleted by its stored id, without listing the others', async () => {
  const { storage, ids, points, commands } = await setUp()
  const [home, other] = [firstHome(), firstHome()]
  await storage.prepare(home)
  await storage.prepare(other)
  commands.splice(0)
  await storage.remove(home)
  const id = `fsap-${home.siteId}`
  expect(commands).toEqual([`Describe ${id}`, `Delete ${id}`])
  expect([...points.keys()]).toEqual([`fsap-${other.siteId}`])
  expect(await ids.find(home)).toBeUndefined()
})

test('an access point imposes the owner that the blueprint names', async () => {
  const { storage, points } = await setUp()
  await storage.prepare(firstHome(), { uid: 999, gid: 998 })
  expect([...points.values()]).toMatchObject([
    {
      PosixUser: { Uid: 999, Gid: 998 },
      RootDirectory: { CreationInfo: { OwnerUid: 999, OwnerGid: 998, Permissions: '0700' } },
    },
  ])
})

test.each(['no id is stored', 'the stored id is of another site'])(
  'it is found by its tags where %s',
  async (where) => {
    const { storage, ids, points } = await setUp()
    const [home, other] = [firstHome(), firstHome()]
    await storage.prepare(other)
    await storage.accessPointOf(home)
    if (where !== 'no id is stored') await ids.note(home, { id: `fsap-${other.siteId}` })
    await storage.remove(home)
    expect([...points.keys()]).toEqual([`fsap-${other.siteId}`])
  },
)

test('a list says how much of the quota of the file system is used', async () => {
  const { storage, log } = await setUp()
  await storage.prepare(firstHome())
  await storage.prepare(firstHome())
  await storage.list()
  expect(log.lines.map(({ fields }) => fields)).toEqual([
    { event: 'capacity-counted', kind: 'access-points', cell: 'local', used: 2, limit: 10_000, percent: 0 },
  ])
})

test('a released directory is listed, and its next access point has the owner of the former one', async () => {
  const { storage, points, commands } = await setUp()
  const home = firstHome()
  await storage.prepare(home, { uid: 999, gid: 998 })
  await storage.release?.(home)
  expect([...points]).toEqual([])
  expect(await storage.list()).toEqual([home])
  // A job of the archiver does not know the blueprint.
  await storage.accessPointOf(home)
  expect([...points.values()]).toMatchObject([{ PosixUser: { Uid: 999, Gid: 998 } }])
  commands.splice(0)
  await storage.remove(home)
  expect(commands.some((command) => command === 'Describe all')).toBe(false)
  expect(await storage.list()).toEqual([])
})

test('a release that was lost half-way deletes the access point the next time, and not one that was made since', async () => {
  const { storage, ids, points } = await setUp()
  const home = firstHome()
  const { id } = await storage.accessPointOf(home)
  const { owner } = (await ids.find(home)) ?? {}
  await ids.note(home, { owner })
  await storage.release?.(home)
  expect([...points]).toEqual([])
  await storage.accessPointOf(home)
  // EFS deletes it as a wake makes another one.
  points.set('fsap-next', { ...points.get(id), AccessPointId: 'fsap-next' })
  await storage.release?.(home)
  expect([...points.keys()]).toEqual(['fsap-next'])
})
