import { setTimeout as timer } from 'node:timers/promises'
import type { AccessPointDescription, EFSClient } from '@aws-sdk/client-efs'
import {
  AccessPointAlreadyExists,
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  paginateDescribeAccessPoints,
} from '@aws-sdk/client-efs'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { SiteStorage } from '../../core/ports/runtime.ts'
import { asking, askingIfThere } from '../cells/aws-failure.ts'
import { siteTags, taggedSite } from '../cells/site-tags.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { siteOwner } from './site-owner.ts'

interface AccessPoint {
  readonly id: string
  readonly arn: string
}

export interface AccessPointStorage extends SiteStorage {
  /** The site's access point, made where it is not there, once it can be mounted. */
  readonly accessPointOf: (siteId: SiteId) => Promise<AccessPoint>
}

/** How long an access point may take to become available; it is a matter of seconds. */
const patienceMilliseconds = 20_000

/**
 * Gives each site of a cell an access point of its own on the cell's file system: its own root, its own POSIX user. Removing
 * a site's storage removes its access point, without which nobody reaches its directory any more; the directory itself stays
 * below `/sites` until the archiver, which alone mounts the file system, reclaims it.
 */
export const createAccessPointStorage = ({
  efs,
  cell,
  installation,
  lookEveryMilliseconds = 500,
}: {
  readonly efs: EFSClient
  readonly cell: Pick<CellDescription, 'fileSystemId'>
  readonly installation: string
  readonly lookEveryMilliseconds?: number
}): AccessPointStorage => {
  const create = async (siteId: SiteId): Promise<string | undefined> => {
    const { uid, gid } = siteOwner(siteId)
    try {
      const made = await efs.send(
        new CreateAccessPointCommand({
          // With it EFS makes one access point, however often it is asked.
          ClientToken: siteId,
          FileSystemId: cell.fileSystemId,
          PosixUser: { Uid: uid, Gid: gid },
          RootDirectory: {
            Path: `/sites/${siteId}`,
            CreationInfo: { OwnerUid: uid, OwnerGid: gid, Permissions: '0700' },
          },
          Tags: siteTags(installation, siteId),
        }),
      )
      return made.AccessPointId
    } catch (error) {
      if (error instanceof AccessPointAlreadyExists) return error.AccessPointId
      throw error
    }
  }

  const describe = async (id: string): Promise<AccessPointDescription | undefined> =>
    (
      await askingIfThere('look at an access point', () =>
        efs.send(new DescribeAccessPointsCommand({ AccessPointId: id })),
      )
    )?.AccessPoints?.[0]

  const whenAvailable = async (id: string): Promise<AccessPoint> => {
    const givenUpAt = performance.now() + patienceMilliseconds
    for (;;) {
      const { LifeCycleState, AccessPointArn } = (await describe(id)) ?? {}
      if (LifeCycleState === 'available' && AccessPointArn !== undefined) return { id, arn: AccessPointArn }
      // One that is going gives way to a new one, later.
      if (LifeCycleState !== 'creating' || performance.now() >= givenUpAt) {
        throw new SitewrightError('RuntimeUnavailable', `The access point ${id} is ${LifeCycleState ?? 'gone'}.`)
      }
      await timer(lookEveryMilliseconds)
    }
  }

  async function* described(): AsyncGenerator<{ readonly siteId: SiteId; readonly id: string }> {
    const pages = paginateDescribeAccessPoints({ client: efs, pageSize: 100 }, { FileSystemId: cell.fileSystemId })
    for await (const { AccessPoints = [] } of pages) {
      for (const { AccessPointId: id, Tags, LifeCycleState } of AccessPoints) {
        const siteId = taggedSite(installation, Tags)
        const isGoing = LifeCycleState === 'deleting' || LifeCycleState === 'deleted'
        if (siteId !== undefined && id !== undefined && !isGoing) yield { siteId, id }
      }
    }
  }

  const accessPointOf = async (siteId: SiteId): Promise<AccessPoint> => {
    const id = await asking('make an access point', () => create(siteId))
    if (id !== undefined) return whenAvailable(id)
    throw new SitewrightError('RuntimeUnavailable', `EFS did not say which access point ${siteId} has.`)
  }

  return {
    accessPointOf,
    prepare: async (siteId) => {
      await accessPointOf(siteId)
    },
    list: () =>
      asking('list access points', async () => {
        const sites = new Set<SiteId>()
        for await (const { siteId } of described()) sites.add(siteId)
        return [...sites]
      }),
    remove: (siteId) =>
      asking('delete an access point', async () => {
        for await (const found of described()) {
          if (found.siteId !== siteId) continue
          await askingIfThere('delete an access point', () =>
            efs.send(new DeleteAccessPointCommand({ AccessPointId: found.id })),
          )
        }
      }),
  }
}
