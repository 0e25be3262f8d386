import { createHash } from 'node:crypto'
import { setTimeout as timer } from 'node:timers/promises'
import type { AccessPointDescription, EFSClient } from '@aws-sdk/client-efs'
import {
  AccessPointAlreadyExists,
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  paginateDescribeAccessPoints,
} from '@aws-sdk/client-efs'
import type { DataOwner } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { SiteStorage } from '../../core/ports/runtime.ts'
import type { DataHome } from '../../core/site/location.ts'
import { homeName, homeNamed } from '../../core/site/location.ts'
import { asking, askingIfThere } from '../cells/aws-calls.ts'
import { homeTags, taggedHome } from '../cells/site-tags.ts'
import type { AccessPointIds } from '../dynamodb/access-point-ids.ts'
import type { CellDescription } from '../ssm/cell-description.ts'

interface AccessPoint {
  readonly id: string
  readonly arn: string
}

export interface AccessPointStorage extends SiteStorage {
  /** The access point of a data directory, made where it is not there, once it can be mounted. */
  readonly accessPointOf: (home: DataHome, owner?: DataOwner) => Promise<AccessPoint>
}

/** How long an access point may take to become available; it is a matter of seconds. */
const patienceMilliseconds = 20_000

/**
 * Gives each site an access point on the cell's file system, with its own root and POSIX user. Removing a site's storage
 * removes the access point, and so all access; the directory stays below `/sites`, empty once the archiver has emptied it.
 */
export const createAccessPointStorage = ({
  efs,
  cell,
  installation,
  ids,
  lookEveryMilliseconds = 500,
}: {
  readonly efs: EFSClient
  readonly cell: Pick<CellDescription, 'fileSystemId'>
  readonly installation: string
  /** Where the ids are stored; without it, all access points are listed to delete one. */
  readonly ids?: AccessPointIds
  readonly lookEveryMilliseconds?: number
}): AccessPointStorage => {
  const create = async (home: DataHome, owner: DataOwner): Promise<string | undefined> => {
    const { uid, gid } = owner
    try {
      const made = await efs.send(
        new CreateAccessPointCommand({
          // With it EFS makes one access point, however often it is asked.
          ClientToken: homeName(home),
          FileSystemId: cell.fileSystemId,
          PosixUser: { Uid: uid, Gid: gid },
          RootDirectory: {
            Path: `/sites/${homeName(home)}`,
            CreationInfo: { OwnerUid: uid, OwnerGid: gid, Permissions: '0700' },
          },
          Tags: homeTags(installation, home),
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

  async function* described(): AsyncGenerator<{ readonly home: DataHome; readonly id: string }> {
    const pages = paginateDescribeAccessPoints({ client: efs, pageSize: 100 }, { FileSystemId: cell.fileSystemId })
    for await (const { AccessPoints = [] } of pages) {
      for (const { AccessPointId: id, Tags, LifeCycleState } of AccessPoints) {
        const home = taggedHome(installation, Tags)
        const isGoing = LifeCycleState === 'deleting' || LifeCycleState === 'deleted'
        if (home !== undefined && id !== undefined && !isGoing) yield { home, id }
      }
    }
  }

  const deleteOne = (id: string) =>
    askingIfThere('delete an access point', () => efs.send(new DeleteAccessPointCommand({ AccessPointId: id })))

  const isOf = async (home: DataHome, id: string): Promise<boolean> => {
    const found = taggedHome(installation, (await describe(id))?.Tags)
    return found !== undefined && homeName(found) === homeName(home)
  }

  const accessPointOf: AccessPointStorage['accessPointOf'] = async (home, owner = siteOwner(home.siteId)) => {
    const id = await asking('make an access point', () => create(home, owner))
    if (id !== undefined) return whenAvailable(id)
    throw new SitewrightError('RuntimeUnavailable', `EFS did not say which access point ${homeName(home)} has.`)
  }

  return {
    accessPointOf,
    prepare: async (home, owner) => {
      const { id } = await accessPointOf(home, owner)
      await ids?.note(home, id)
    },
    list: () =>
      asking('list access points', async () => {
        const names = new Set<string>()
        for await (const { home } of described()) names.add(homeName(home))
        return [...names].flatMap((name) => homeNamed(name) ?? [])
      }),
    remove: (home) =>
      asking('delete an access point', async () => {
        const stored = await ids?.find(home)
        if (stored !== undefined && (await isOf(home, stored))) {
          await deleteOne(stored)
        } else {
          // One that an older version made, or that was made again since.
          for await (const found of described()) if (homeName(found.home) === homeName(home)) await deleteOne(found.id)
        }
        await ids?.forget(home)
      }),
  }
}

/** Above what people and systems are given, and below the largest number that a container's user may have, 2^31 - 1. */
const first = 1_000_000
const last = 2_147_000_000

/**
 * The POSIX user of a site's containers and files, for the site's whole life, unless its blueprint names one. Two sites may share a
 * number; neither can mount the other's directory.
 */
export const siteOwner = (siteId: SiteId): DataOwner => {
  const number = first + (createHash('sha256').update(siteId).digest().readUInt32BE() % (last - first))
  return { uid: number, gid: number }
}
