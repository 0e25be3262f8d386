import * as z from 'zod'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { environmentName, variableValue } from '../../core/blueprint/variables.ts'
import { refuse, SitewrightError } from '../../core/errors.ts'
import { idSchema } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { ArchiveUploads } from '../../core/ports/archives.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { isEnvironment } from '../../core/site/environment.ts'
import { isLive, type Site } from '../../core/site/site.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { type Configuration, type ConfigurationStore, newValueProblems } from '../configuration/configuration.ts'
import { importedConfiguration, type SealPorts } from '../configuration/seal-secrets.ts'
import { type AdmitPorts, admitInWindow } from '../rate-limits/admit-in-window.ts'
import { requireOwnSoftware } from './allowance.ts'
import { declaring } from './declare-values.ts'
import { type Deployment, type DeploymentStore, isOpen, ownBlueprint } from './deployment.ts'

const mebibyte = 2 ** 20

/** S3 takes no more in one request. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
const maxAtOnce = 5 * 1024 * mebibyte

/** Each may leave an archive that nobody uses, for a day. */
const importsPerDay = 10

/** Data that was uploaded, and the values that an import sets. */
export const importForm = z.strictObject({
  archiveId: idSchema('arc').describe('As `openImport` answered. Both parts were uploaded.'),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('Tells what is imported, so that one finds it when it is imported again.'),
  variables: z.record(environmentName, variableValue),
  secrets: z.record(environmentName, variableValue),
})
export type Import = z.infer<typeof importForm>

/** In bytes: how much data a site may have. */
export const maxDataOf = (plans: PlanCatalogue, { plan }: Pick<Site, 'plan'>): number =>
  plans.find(plan).limits.storageMiB * mebibyte

/** @throws {SitewrightError} `TransitionNotAllowed` for a site that has data of its own software, which would be replaced. */
export const requireNothingOwn = (site: Site, known: readonly Deployment[]): void => {
  const isUsed =
    site.blueprint.name === ownBlueprint(site.id) || known.some((one) => isOpen(one) || one.status === 'live')
  if (!isUsed && !isEnvironment(site) && (isLive(site) || site.status === 'building')) return
  refuse('This site has software of its own already, so nothing was imported. Import into a new site.')
}

export interface OpenImportPorts extends AdmitPorts, Pick<Context, 'plans' | 'clocks' | 'randomness'> {
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: Pick<AccountStore, 'get'>
  readonly deployments: Pick<DeploymentStore, 'list'>
  readonly archiveUploads: ArchiveUploads
}

/**
 * Gives links to upload the data of an import. What nobody imports is removed as a leftover.
 * @param bytes of each part.
 * @throws {SitewrightError} `NotFound`; `Forbidden` without an allowance; `TransitionNotAllowed` unless the site is new; `LimitsExceeded` for
 *   more than its plan allows; `RateLimited`.
 */
export const openImport = async (
  ports: OpenImportPorts,
  act: OwnerAct,
  bytes: { readonly content: number; readonly manifest: number },
) => {
  const site = await findOwnSite(ports, act)
  await requireOwnSoftware(ports, site)
  requireNothingOwn(site, await ports.deployments.list(site.id, 50))
  const max = Math.min(maxAtOnce, maxDataOf(ports.plans, site))
  if (Math.max(bytes.content, bytes.manifest) > max) {
    const message = `The data is too large: at most ${max / mebibyte} MiB can be imported into this site.`
    throw new SitewrightError('LimitsExceeded', message)
  }
  await admitInWindow(ports, {
    ...{ key: `imports-${site.id}`, limit: importsPerDay, milliseconds: 24 * 60 * 60_000 },
    message: (wait) => `Data can be imported ${importsPerDay} times a day. Try again in ${wait}.`,
  })
  const archiveId = ports.randomness.id('arc')
  const link = (part: 'content' | 'manifest') => ports.archiveUploads.uploadTo(site.id, archiveId, part, bytes[part])
  return { archiveId, content: await link('content'), manifest: await link('manifest') }
}

/**
 * Makes a version of the site's configuration of the values of an import, and stores nothing.
 * @returns undefined for an import without values.
 * @throws {SitewrightError} `InvalidRequest` for values that the version cannot have.
 */
export const importedValues = async (
  ports: SealPorts & { readonly configurations: Pick<ConfigurationStore, 'list'> },
  { id: siteId, configuration: basedOn = 0 }: Site,
  { variables, secrets }: Import,
  { blueprint, actor }: { readonly blueprint: Blueprint } & Pick<OwnerAct, 'actor'>,
): Promise<Configuration | undefined> => {
  const fields = newValueProblems(declaring(blueprint, { variables, secrets }), { variables, secrets })
  if (fields.length > 0) throw new SitewrightError('InvalidRequest', 'Some values cannot be imported.', { fields })
  return importedConfiguration(ports, { variables, secrets }, { siteId, actor, reason: 'Imported', basedOn })
}
