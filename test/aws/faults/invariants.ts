import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { restoreArchive } from '../../../adapters/archiver/restore-archive.ts'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import type { SiteId } from '../../../core/ids.ts'
import { homeOf } from '../../../core/site/location.ts'
import type { Site } from '../../../core/site/site.ts'
import type { AwsWorld } from '../support/aws-world.ts'
import { remainsOf } from '../support/remains.ts'

const running = {
  services: 1,
  'task definitions': 1,
  'access points': 1,
  roles: 1,
  parameters: 1,
  'wanted tasks': 1,
  tasks: 1,
}

interface Expected {
  readonly status: Site['status']
  /** The version of the blueprint; the first by default. */
  readonly version?: number
  readonly isDormant?: boolean
  readonly remains: Readonly<Record<string, number>>
}

/**
 * How a site ends up, and what there is of it then besides outcomes of jobs; none of anything else. The emulator starts no
 * tasks: those that are counted are played, as their services want them.
 */
const endings = {
  ready: { status: 'ready', remains: running },
  active: { status: 'active', remains: running },
  /** The former revision is what the circuit breaker would go back to. */
  upgraded: { status: 'active', version: 2, remains: { ...running, 'task definitions': 2 } },
  asleep: { status: 'asleep', remains: { ...running, 'wanted tasks': 0, tasks: 0 } },
  dormant: { status: 'asleep', remains: {}, isDormant: true },
  failed: { status: 'failed', remains: {} },
  /** Its data goes with another sweep, which empties it first. */
  retired: { status: 'purged', remains: { 'access points': 1 } },
  archived: { status: 'archived', remains: { 'objects of archives': 2 } },
  purged: { status: 'purged', remains: {} },
} as const satisfies Readonly<Record<string, Expected>>
export type Ending = keyof typeof endings

/** The file that a site with data has, with its site's id in it. */
export const keptFile = 'kept'

/** Where the data of a site is that is not to be lost: in its directory, or in every copy that its record names. */
const lostData = async (world: AwsWorld, site: Site): Promise<readonly string[]> => {
  const isInPlace = site.status === 'active' || site.status === 'asleep' || site.status === 'suspended'
  if (!isInPlace && site.status !== 'archived') return []
  const keptIn = async (directory: string): Promise<boolean> =>
    (await readFile(join(directory, keptFile), 'utf8').catch(() => '')) === site.id
  const bucket = world.cell.archiver.bucketArn.split(':').at(-1) ?? ''
  const archives = createArchiveBucket({ client: world.aws.clients.s3, bucket })
  const problems: string[] = []
  if (isInPlace && !(await keptIn(world.aws.fargate.directoryOf(homeOf(site))))) {
    problems.push('the data is not in its directory')
  }
  if (site.status === 'archived' && site.archives.length === 0) problems.push('the site is archived nowhere')
  for (const { id } of site.archives) {
    const directory = await mkdtemp(join(tmpdir(), 'sitewright-unpacked-'))
    try {
      await restoreArchive({ archives, siteId: site.id, archiveId: id }, { directory, jobId: `look-${id}` })
      if (!(await keptIn(directory))) problems.push(`the data is not in ${id}`)
    } catch (error) {
      problems.push(`${id} cannot be restored: ${String(error)}`)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }
  return problems
}

/** A site that sleeps must have been stopped before its sleep ended, not by the next schedule. */
const isStoppedLate = async (world: AwsWorld, site: Site): Promise<boolean> =>
  site.status === 'asleep' && site.operation === undefined && (await remainsOf(world, site.id))['wanted tasks'] !== 0

/** What no schedule may have to repair: data that is neither in its directory nor in the copies of it, a sleep that stopped nothing. */
export const losses = async (world: AwsWorld, siteId: SiteId): Promise<readonly string[]> => {
  const site = await world.sites.get(siteId)
  if (site === undefined) return [`there is no record of ${siteId}`]
  const late = (await isStoppedLate(world, site)) ? ['the site sleeps, and its service wants a task'] : []
  return [...(await lostData(world, site)), ...late]
}

/** What a record says that it should not say in the end. */
const brokenRecord = (
  site: Site | undefined,
  { status, version = 1, isDormant = false }: Expected,
): readonly string[] => {
  const problems: string[] = []
  if ((site?.status === 'asleep' && site.dormantSince !== undefined) !== isDormant)
    problems.push('it is dormant, or not')
  if (site?.status !== status) problems.push(`the site is ${site?.status ?? 'unknown'} and not ${status}`)
  if (site?.blueprint.version !== version) problems.push(`it has version ${site?.blueprint.version}, not ${version}`)
  if (site !== undefined && 'operation' in site && site.operation !== undefined) {
    problems.push(`'${site.operation.kind}' has not come to its end`)
  }
  return problems
}

/** What of a site is not as it should be in the end. */
export const brokenInvariants = async (world: AwsWorld, siteId: SiteId, ending: Ending): Promise<readonly string[]> => {
  const site = await world.sites.get(siteId)
  const expected: Expected = endings[ending]
  const problems = [...brokenRecord(site, expected)]
  for (const [what, count] of Object.entries(await remainsOf(world, siteId))) {
    // How its jobs ended is kept for as long as the site is.
    if (what === 'outcomes' && expected.status !== 'purged') continue
    const wanted = expected.remains[what] ?? 0
    if (count !== wanted) problems.push(`${count} ${what} instead of ${wanted}`)
  }
  const task = world.aws.fargate.tasksOf(siteId).find(({ desiredStatus }) => desiredStatus === 'RUNNING')
  const recorded = site !== undefined && 'endpoint' in site ? site.endpoint?.host : undefined
  if (recorded !== task?.host) problems.push(`the site is recorded at ${recorded} and runs at ${task?.host}`)
  return problems
}
