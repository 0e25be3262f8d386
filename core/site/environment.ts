import * as z from 'zod'
import { SitewrightError } from '../errors.ts'
import { idSchema, type SiteId } from '../ids.ts'
import { type Instant, plusMilliseconds } from '../instant.ts'
import type { Limits, Plan } from '../plan/plan.ts'
import { isRehearsal, type rehearsalSchema } from './rehearsal.ts'

/** Makes a site an environment of another one, on which developers try versions. It is counted, billed and reported nowhere. */
export const environmentSchema = z.strictObject({
  /** Its `production`. */
  siteId: idSchema('site'),
  name: z.string(),
  /** The branch that its name is derived from. */
  branch: z.string().optional(),
  /** How long it lives after a deployment; absent if it does not end. */
  hours: z.int().positive().optional(),
  /** Its end, by the domain clock. */
  until: z.iso.datetime({ precision: 3 }).optional(),
  /** The command that fills its empty data before its first start, until that has run. */
  seed: z.array(z.string()).readonly().optional(),
  /** It was suspended because its production was, and is resumed with it. */
  follows: z.literal(true).optional(),
})
export type EnvironmentOf = z.infer<typeof environmentSchema>

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
  if (!isEnvironment(site)) return
  throw new SitewrightError('TransitionNotAllowed', `This site is an environment of another one: it ${what}.`)
}

/** In minutes: environments sleep after it, whatever their plan says. */
export const environmentSleepMinutes = 30

const hourMilliseconds = 3_600_000

/** An environment that begins its time again. */
export const withTime = ({ until: _, ...environment }: EnvironmentOf, now: Instant): EnvironmentOf =>
  environment.hours === undefined
    ? environment
    : { ...environment, until: plusMilliseconds(now, environment.hours * hourMilliseconds) }

/** The limits of a site: an environment has those of its plan, but for the storage. */
export const limitsOf = (site: MaybeBeside, { limits, environments }: Pick<Plan, 'limits' | 'environments'>): Limits =>
  isEnvironment(site) && environments !== undefined ? { ...limits, storageMiB: environments.storageMiB } : limits
