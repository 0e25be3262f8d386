import { createHash } from 'node:crypto'
import { setTimeout as timer } from 'node:timers/promises'
import {
  AccessPointAlreadyExists,
  type AccessPointDescription,
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  DescribeAccessPointsCommand,
  type EFSClient,
  paginateDescribeAccessPoints,
} from '@aws-sdk/client-efs'
import type { DataOwner } from '../../core/blueprint/blueprint.ts'
import { logCapacityUse } from '../../core/config/count-cells.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import type { SiteStorage } from '../../core/ports/runtime.ts'
import { type DataHome, homeName, homeNamed } from '../../core/site/location.ts'
import { asking, askingIfThere } from '../cells/aws-calls.ts'
import { homeTags, taggedHome } from '../cells/site-tags.ts'
import type { AccessPointIds, NotedAccessPoint } from '../dynamodb/access-point-ids.ts'
import type { CellDescription } from '../ssm/cell-description.ts'

interface AccessPoint {
  readonly id: string
  readonly arn: string
}

/** An access point of ours that is not being deleted. */
interface Point {
  readonly home: DataHome
  readonly id: string
  readonly owner: DataOwner | undefined
}

export interface AccessPointStorage extends SiteStorage {
  /** The access point of a data directory, made where it is not there, once it can be mounted. */
  readonly accessPointOf: (home: DataHome, owner?: DataOwner) => Promise<AccessPoint>
}

/** How long an access point may take to become available; it is a matter of seconds. */
const patienceMilliseconds = 20_000

/** The quota of a file system. Source: Amazon EFS User Guide, "Creating access points". */
const maxAccessPoints = 10_000

/**
 * Gives each site an access point on the cell's file system, with its own root and POSIX user. Removing a site's storage
 * removes the access point, and so all access; the directory stays below `/sites`, empty once the archiver has emptied it. A released
 * directory keeps its data and is listed without an access point; who uses it next makes one of the same user.
 */
export const createAccessPointStorage = (options: {
  readonly efs: EFSClient
  readonly cell: Pick<CellDescription, 'name' | 'fileSystemId'>
  readonly installation: string
  /** Where the ids and owners are stored; without it, nothing is released, and all access points are listed to delete one. */
  readonly ids?: AccessPointIds | undefined
  readonly log: Log
  readonly pollMilliseconds?: number
}): AccessPointStorage => {
  const { efs, cell, installation, ids, log, pollMilliseconds = 500 } = options
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
      await timer(pollMilliseconds)
    }
  }

  const pointOf = (described: AccessPointDescription): readonly Point[] => {
    const { AccessPointId: id, Tags, PosixUser, LifeCycleState } = described
    const home = taggedHome(installation, cell.name, Tags)
    const isGoing = LifeCycleState === 'deleting' || LifeCycleState === 'deleted'
    if (home === undefined || id === undefined || isGoing) return []
    const { Uid: uid, Gid: gid } = PosixUser ?? {}
    return [{ home, id, owner: uid === undefined || gid === undefined ? undefined : { uid, gid } }]
  }

  async function* ours(): AsyncGenerator<Point> {
    const pages = paginateDescribeAccessPoints({ client: efs, pageSize: 100 }, { FileSystemId: cell.fileSystemId })
    for await (const { AccessPoints = [] } of pages) yield* AccessPoints.flatMap(pointOf)
  }

  const deleteOne = (id: string) =>
    askingIfThere('delete an access point', () => efs.send(new DeleteAccessPointCommand({ AccessPointId: id })))

  /** The access points of a directory: the noted one, or those with its tags, if it was made again. */
  const pointsOf = async (home: DataHome, noted: NotedAccessPoint | undefined): Promise<readonly Point[]> => {
    const isOfHome = (point: Point): boolean => homeName(point.home) === homeName(home)
    const known = noted?.id === undefined ? undefined : await describe(noted.id)
    const found = (known === undefined ? [] : pointOf(known)).filter(isOfHome)
    if (found.length > 0) return found
    const all: Point[] = []
    for await (const point of ours()) if (isOfHome(point)) all.push(point)
    return all
  }

  const accessPointOf: AccessPointStorage['accessPointOf'] = async (home, given) => {
    const noted = await ids?.find(home)
    const owner = given ?? noted?.owner ?? siteOwner(home.siteId)
    const id = await asking('make an access point', () => create(home, owner))
    if (id === undefined) {
      throw new SitewrightError('RuntimeUnavailable', `EFS did not say which access point ${homeName(home)} has.`)
    }
    if (noted?.id !== id) await ids?.note(home, { id, owner })
    return whenAvailable(id)
  }

  const releaseWith =
    (notes: AccessPointIds): NonNullable<SiteStorage['release']> =>
    (home) =>
      asking('give an access point back', async () => {
        const noted = await notes.find(home)
        const points = await pointsOf(home, noted)
        // First, so that the directory is always in a list.
        await notes.note(home, { owner: noted?.owner ?? points[0]?.owner })
        // By their ids: a wake may have made another one by now.
        for (const { id } of points) await deleteOne(id)
      })

  return {
    accessPointOf,
    prepare: async (home, owner) => {
      await accessPointOf(home, owner)
    },
    list: () =>
      asking('list access points', async () => {
        const names = new Set<string>()
        let used = 0
        for await (const { home } of ours()) {
          names.add(homeName(home))
          used += 1
        }
        // AWS publishes no metric of it.
        logCapacityUse(log, { kind: 'access-points', cell: cell.name, used, limit: maxAccessPoints })
        for await (const home of ids?.homes() ?? []) names.add(homeName(home))
        return [...names].flatMap((name) => homeNamed(name, cell.name) ?? [])
      }),
    remove: (home) =>
      asking('delete an access point', async () => {
        for (const { id } of await pointsOf(home, await ids?.find(home))) await deleteOne(id)
        await ids?.forget(home)
      }),
    ...(ids === undefined ? {} : { release: releaseWith(ids) }),
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
