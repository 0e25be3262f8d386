import * as z from 'zod'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { actorSchema } from '../../core/events/actor.ts'
import type { IdempotencyRecord } from '../../core/idempotency.ts'
import { idSchema, isId, type SiteId } from '../../core/ids.ts'
import type { Site } from '../../core/site/site.ts'
import type { repositoryAccess } from './exported-site.ts'

const instant = z.iso.datetime({ precision: 3 })

export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be a digest, as sha256:…')
export const snapshotSchema = z.string().regex(/^[0-9a-f]{32}$/, 'must be the id of a snapshot')

/**
 * `proving`: it is checked, and waits until no other operation is on the site. `deploying`: the site is being moved. `failed`: it never
 * began. `went-back`: it did not work, and the site runs as before. `replaced`: a later one is live.
 */
export const deploymentStatuses = ['proving', 'deploying', 'live', 'failed', 'went-back'] as const

export const deploymentSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('dpl'),
  siteId: idSchema('site'),
  /** Of the site's private blueprint. */
  version: z.int().positive(),
  status: z.enum(deploymentStatuses),
  at: instant,
  actor: actorSchema(),
  commit: z.string().optional(),
  /** The pushed images, by container. */
  images: z.record(z.string(), digestSchema),
  snapshot: snapshotSchema.optional(),
  /** What it runs. It is published when the site is moved, so nothing pushed later runs. */
  blueprint: blueprintSchema,
  /** As it was submitted: another environment runs it with other variables. */
  file: z.record(z.string(), z.unknown()),
  /** The environment that it was promoted from, and the version that this one ran. */
  promotedFrom: z.strictObject({ name: z.string(), siteId: idSchema('site'), version: z.int().positive() }).optional(),
  /** Set for an import: the uploaded archive that has the data, and a digest of what was imported. */
  imported: z.strictObject({ archiveId: idSchema('arc'), digest: z.string() }).optional(),
  /** The version of the site's own variables and secrets that it began with; 0 for none. A way back starts the site with it. */
  configuration: z.int().nonnegative().optional(),
  /** Set for a way back: the version that runs again, and the archive whose data comes back. */
  back: z.strictObject({ to: z.int().positive(), archiveId: idSchema('arc').optional() }).optional(),
  /** The version that the site ran when it began, 0 for that of a vendor, and its configuration. Earlier releases did not record it. */
  replaced: z.strictObject({ version: z.int().nonnegative(), configuration: z.int().nonnegative() }).optional(),
  /**
   * What it does to the data, with the versions since the one that it replaced: whether one of them starts on a copy, and whether the version
   * before may not be able to use what they have written. Written when it begins, unless it is a way back or an import.
   */
  changes: z.strictObject({ migrates: z.boolean(), breaks: z.boolean() }).optional(),
  operationId: z.string().optional(),
  /** The event of the site with which it begins. */
  eventId: idSchema('evt').optional(),
  /** Why it failed or went back, for its owner, and the last lines of what it wrote. */
  cause: z.string().optional(),
  lines: z.array(z.string()).readonly().optional(),
  endedAt: instant.optional(),
})
export type Deployment = z.infer<typeof deploymentSchema>

export const isOpen = ({ status }: Pick<Deployment, 'status'>): boolean =>
  status === 'proving' || status === 'deploying'

/** The version whose software it runs: a way back runs that of an earlier one. */
export const runsVersion = ({ back, version }: Pick<Deployment, 'back' | 'version'>): number => back?.to ?? version

/** The name of a site's own blueprint. Names of other blueprints do not look so. */
export const ownBlueprint = (siteId: SiteId): string => siteId.replace('_', '-')

/** The site whose own software a blueprint is; undefined for others. No offer, pool or roll-out has one. */
export const siteOfOwnBlueprint = (name: string): SiteId | undefined => {
  const id = name.replace('-', '_')
  return name.startsWith('site-') && isId('site', id) ? id : undefined
}

export const isOwnBlueprint = (name: string): boolean => siteOfOwnBlueprint(name) !== undefined

/** Whether the owner has to repair what failed: software of their own did not start. @param error the name of the error. */
export const isOwnersFailure = ({ blueprint }: Pick<Site, 'blueprint'>, error: string): boolean =>
  isOwnBlueprint(blueprint.name) && ['SiteNotReady', 'LaunchFailed'].includes(error)

/** So many that have been live keep their images: the ways back. Those of the versions that a site names, or ran before the present one, are kept too. */
export const keptDeployments = 5

export interface DeploymentStore {
  /** Newest first: so many, and on until so many of them were live, none of them by default. */
  readonly list: (siteId: SiteId, limit: number, live?: number) => Promise<readonly Deployment[]>
  readonly find: (siteId: SiteId, id: string) => Promise<Deployment | undefined>
  readonly read: (siteId: SiteId, version: number) => Promise<Deployment | undefined>
  /** Oldest first. */
  readonly open: (siteId: SiteId) => Promise<readonly Deployment[]>
  /** The sites that have open ones. */
  readonly waiting: () => AsyncIterable<SiteId>
  /** @returns what refused: its version is taken, or the key was used. */
  readonly add: (deployment: Deployment, key?: IdempotencyRecord) => Promise<'version' | 'idempotency' | undefined>
  /** Written if it has the status that it had before. @returns whether it was. */
  readonly change: (before: Deployment, after: Deployment) => Promise<boolean>
  /** With the versions of the site's own blueprint that they published. */
  readonly erase: (siteId: SiteId) => Promise<void>
}

export type RepositoryRight = 'pull' | 'push'

/** Where a deployment's software comes from: the site whose repository has it, which its environments share. */
export interface Sources extends Pick<Deployment, 'images' | 'snapshot'> {
  readonly siteId: SiteId
}

/** The software of accounts: what they push, or put into the home of a host. */
export interface OwnSoftware {
  /**
   * @param right to pull only, or to push too, which is the default.
   * @throws {SitewrightError} `NoRegistry` where sites run as plain processes.
   */
  readonly pushAccess: (siteId: SiteId, right?: RepositoryRight) => Promise<z.infer<typeof repositoryAccess>>
  /**
   * Checks that all of it is there, and names it in the blueprint so that it cannot change.
   * @param file as it was submitted: a snapshot runs with the file that it was taken with.
   * @throws {SitewrightError} `BlueprintInvalid` that says what is missing, too large or for another machine.
   */
  readonly pin: (
    blueprint: Deployment['blueprint'],
    sources: Sources,
    file: unknown,
  ) => Promise<Deployment['blueprint']>
  /** Removes the software of a site that none of these has. */
  readonly keepOnly: (siteId: SiteId, kept: readonly Sources[]) => Promise<void>
  readonly remove: (siteId: SiteId) => Promise<void>
}
