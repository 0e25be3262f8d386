import { EFSClient } from '@aws-sdk/client-efs'
import { expect, test } from 'vitest'
import { createAccessPointIds } from '../../../adapters/dynamodb/access-point-ids.ts'
import { documentClient } from '../../../adapters/dynamodb/client.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { createAccessPointStorage } from '../../../adapters/efs/access-point-storage.ts'
import { openStoreOn } from '../../../local/open-store.ts'
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
  const storage = createAccessPointStorage({ efs, cell: { fileSystemId: 'fs-1' }, installation: 'sample', ids })
  return { storage, ids, points, commands }
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
    if (where !== 'no id is stored') await ids.note(home, `fsap-${other.siteId}`)
    await storage.remove(home)
    expect([...points.keys()]).toEqual([`fsap-${other.siteId}`])
  },
)
