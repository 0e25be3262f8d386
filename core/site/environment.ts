import * as z from 'zod'
import { refuse } from '../errors.ts'
import { idSchema, type SiteId } from '../ids.ts'
import { earliest, type Instant, plusMilliseconds } from '../instant.ts'
import type { Limits, Plan } from '../plan/plan.ts'
import { isRehearsal, type rehearsalSchema } from './rehearsal.ts'

const commandSchema = z.array(z.string()).readonly()

/** Makes a site an environment of another one, on which developers try versions. It is counted, billed and reported nowhere. */
export const environmentSchema = z.strictObject({
  /** Its `production`. */
  siteId: idSchema('site'),
  name: z.string(),
  branch: z.string().optional(),
  /** How long it is to live after a deployment; absent if it is not to end. */
  hours: z.int().positive().optional(),
  /** The end of that, by the domain clock. */
  until: z.iso.datetime({ precision: 3 }).optional(),
  /** It ends then at the latest, as its plan says. */
  planUntil: z.iso.datetime({ precision: 3 }).optional(),
  /** The command that fills its empty data before its first start, until it is open. */
  seed: commandSchema.optional(),
  /** Its data is restored from a copy, and what the command writes of it becomes its data instead, until that has happened. */
  anonymise: z
    .strictObject({
      command: commandSchema,
      /** Runs on what that wrote. */
      load: commandSchema,
      /** What the source's secrets are: the version that set some, and those that it has of other sites. */
      configuration: z.int().positive().optional(),
      dataSecrets: z.record(z.string(), idSchema('site')).optional(),
      /** What it wrote is kept, and the copy is being destroyed. */
      taken: z.literal(true).optional(),
    })
    .optional(),
  /** The archive of what that command wrote. Nobody needs it once the environment is open. */
  result: idSchema('arc').optional(),
  /** The site that its first data came from. */
  copyOf: idSchema('site').optional(),
  /** Its data is that of production, or comes from there: only owners may copy it. */
  hasProductionData: z.literal(true).optional(),
  /** The secrets without which its data cannot be read, with the sites whose they are. */
  dataSecrets: z.record(z.string(), idSchema('site')).optional(),
  /** Its first data directory that was in use, if there were others before. */
  opened: z.int().positive().optional(),
  /** It was suspended because its production was, and is resumed with it. Until then its time does not count. */
  follows: z.literal(true).optional(),
})
export type EnvironmentOf = z.infer<typeof environmentSchema>

/** What stays once nobody finds it any more: the names may be those of its owner. */
export const withoutNames = ({ branch: _, ...kept }: EnvironmentOf): EnvironmentOf => ({ ...kept, name: '' })

interface MaybeBeside {
  readonly environmentOf?: EnvironmentOf | undefined
  readonly rehearsalOf?: z.infer<typeof rehearsalSchema> | undefined
}

export const isEnvironment = <Known extends MaybeBeside>(
  site: Known,
): site is Known & { readonly environmentOf: EnvironmentOf } => site.environmentOf !== undefined

/** Whether a site stands beside another one, so that no list, total, bill or report counts it. */
export const isBeside = (site: MaybeBeside): boolean => isRehearsal(site) || isEnvironment(site)

/** The place of an environment among those of its production. It is held like the trial of an offer, whose id cannot look so. */
export const environmentSlot = (production: SiteId, number: number): string => `environment#${production}#${number}`

/** The site whose repository has the images of a site's own software: environments share that of their production. */
export const softwareOwner = ({ id, environmentOf }: MaybeBeside & { readonly id: SiteId }): SiteId =>
  environmentOf?.siteId ?? id

/** @param what an environment does not do, such as `has no custom domains`. @throws {SitewrightError} `TransitionNotAllowed`. */
export const refuseEnvironment = (site: MaybeBeside, what: string): void => {
  if (isEnvironment(site)) refuse(`This site is an environment of another one: it ${what}.`)
}

/** In minutes: environments sleep after it, whatever their plan says. */
export const environmentSleepMinutes = 30

/** Whether a copy of a site's data is one of production's. */
export const hasProductionData = (site: MaybeBeside): boolean =>
  !isEnvironment(site) || site.environmentOf.hasProductionData === true

const mebibyte = 1_048_576

/** Why data cannot become that of an environment; undefined if it can. @param bytes of its files. */
export const tooLarge = (bytes: number, storageMiB: number): string | undefined =>
  bytes > storageMiB * mebibyte
    ? `The data has ${Math.ceil(bytes / mebibyte)} MiB, and the plan allows ${storageMiB} MiB in an environment.`
    : undefined

const hourMilliseconds = 3_600_000

/** An environment that begins its time again. */
export const withTime = ({ until: _, ...environment }: EnvironmentOf, now: Instant): EnvironmentOf =>
  environment.hours === undefined
    ? environment
    : { ...environment, until: plusMilliseconds(now, environment.hours * hourMilliseconds) }

/** A site that was started by itself: what its production does later is not undone for it. */
export const startedAlone = <One extends MaybeBeside>(site: One): One => {
  if (!isEnvironment(site)) return site
  const { follows: _, ...environmentOf } = site.environmentOf
  return { ...site, environmentOf }
}

/** When an environment ends; undefined if it does not, or while it is down with its production: its time begins again once that runs. */
export const endOfEnvironment = (site: {
  readonly status: string
  readonly suspendedBecause?: string | undefined
  readonly environmentOf: EnvironmentOf
}): Instant | undefined => {
  const { follows, until, planUntil } = site.environmentOf
  const isDown = site.status === 'suspended' || site.status === 'archived'
  // One that has moved away does not come back.
  if (follows && isDown && site.suspendedBecause !== 'moved') return undefined
  return earliest([until, planUntil])
}

/** The limits of a site: an environment has those of its plan, but for the storage. */
export const limitsOf = (site: MaybeBeside, { limits, environments }: Pick<Plan, 'limits' | 'environments'>): Limits =>
  isEnvironment(site) && environments !== undefined ? { ...limits, storageMiB: environments.storageMiB } : limits
