import { DescribeAccessPointsCommand } from '@aws-sdk/client-efs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type AccessPointStorage,
  createAccessPointStorage,
  siteOwner,
} from '../../../adapters/efs/access-point-storage.ts'
import type { CellDescription } from '../../../adapters/ssm/cell-description.ts'
import { storageContract } from '../../adapters/files/storage-contract.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { firstHome, newSiteId } from '../../support/probe-launch.ts'
import { type StartedAws, startAws } from '../support/start-aws.ts'

const storageOf = ({ clients, installation }: StartedAws, cell: CellDescription): AccessPointStorage =>
  createAccessPointStorage({ efs: clients.efs, cell, installation, log: recordingLog(), pollMilliseconds: 10 })

storageContract('EFS', async () => {
  const aws = await startAws()
  return { storage: storageOf(aws, await aws.makeCell('local')), close: aws.close }
})

describe('on EFS', () => {
  let aws: StartedAws
  let cell: CellDescription
  let storage: AccessPointStorage
  beforeAll(async () => {
    aws = await startAws()
    cell = await aws.makeCell('blue')
    storage = storageOf(aws, cell)
  })
  afterAll(() => aws?.close())

  const described = async (id: string) =>
    (await aws.clients.efs.send(new DescribeAccessPointsCommand({ AccessPointId: id }))).AccessPoints?.[0]

  test('a site has an access point with a user, a root and tags of its own', async () => {
    const home = firstHome()
    const { id, arn } = await storage.accessPointOf(home)
    const owner = siteOwner(home.siteId)
    expect(await described(id)).toMatchObject({
      AccessPointArn: arn,
      ClientToken: home.siteId,
      FileSystemId: cell.fileSystemId,
      PosixUser: { Uid: owner.uid, Gid: owner.gid },
      RootDirectory: {
        Path: `/sites/${home.siteId}`,
        CreationInfo: { OwnerUid: owner.uid, OwnerGid: owner.gid, Permissions: '0700' },
      },
      Tags: expect.arrayContaining([
        { Key: 'sitewright:site', Value: home.siteId },
        { Key: 'sitewright:installation', Value: aws.installation },
      ]),
    })
  })

  test('it is the same access point on each request', async () => {
    const home = firstHome()
    const asked = await Promise.all([storage.accessPointOf(home), storage.accessPointOf(home)])
    asked.push(await storage.accessPointOf(home))
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1)
  })

  test('another installation’s access points on the file system are none of ours', async () => {
    const home = firstHome()
    const { id } = await createAccessPointStorage({
      efs: aws.clients.efs,
      cell,
      installation: 'sitewright-other',
      log: recordingLog(),
      pollMilliseconds: 10,
    }).accessPointOf(home)
    expect(await storage.list()).not.toContainEqual(home)
    await storage.remove(home)
    expect(await described(id)).toMatchObject({ AccessPointId: id })
  })
})

test('owners are above what people and systems are given, and differ', () => {
  const owners = Array.from({ length: 200 }, () => siteOwner(newSiteId()).uid)
  expect(Math.min(...owners)).toBeGreaterThan(65_536)
  expect(Math.max(...owners)).toBeLessThan(2 ** 31 - 1)
  expect(new Set(owners).size).toBe(200)
})
