import { Annotations, App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { namesOf } from '../cloud/names.ts'
import { type Blueprint, requireDeployable } from '../core/blueprint/blueprint.ts'
import type { Config } from '../core/config/config.ts'
import type { Stage } from '../core/config/stage.ts'
import { ConfigError, SitewrightError } from '../core/errors.ts'
import { defaultOffer } from '../lambdas/offers/offer.ts'
import { offersAt } from '../lambdas/offers/offers.ts'
import { unpinnedImages } from './base-images.ts'
import type { Deployment } from './deployment.ts'
import { isFetched } from './duckdb-layer-files.ts'
import { ApiStack } from './stacks/api-stack.ts'
import { CellStack } from './stacks/cell-stack.ts'
import { ControlStack } from './stacks/control-stack.ts'
import { DataStack } from './stacks/data-stack.ts'
import { EdgeStack } from './stacks/edge-stack.ts'
import { CertificateStack, FrontStack } from './stacks/front-stack.ts'
import { WatchStack } from './stacks/watch-stack.ts'

export interface AppOptions extends Pick<Deployment, 'config' | 'resolvePath' | 'root' | 'siteHelper' | 'duckdb'> {
  /** Creates the functions' bundles, after the configuration was validated. */
  readonly bundles: () => Promise<Deployment['bundles']>
  /** Builds the browser pages. @param sitesDomain the parent domain of the stage's sites. */
  readonly pages: (sitesDomain: string) => Promise<string>
  /** All blueprints; only the offered ones are deployed. */
  readonly blueprints: readonly Blueprint[]
  /** The stage to deploy; by default the one in the context (`-c stage=production`), otherwise all. */
  readonly stage?: string
  /** The directory of the templates; by default the CDK's. */
  readonly outdir?: string
  /** The context that cdk.json gives to the CLI, for callers without the CLI. */
  readonly context?: Readonly<Record<string, unknown>>
  /** Without cdk-nag and CloudFormation's rules, where another synthesis checks the same. */
  readonly unchecked?: boolean
}

const offeredOf = (config: Config, blueprints: readonly Blueprint[]): readonly Blueprint[] =>
  config.offeredBlueprints.map((name) => {
    const found = blueprints.find((blueprint) => blueprint.name === name)
    if (found === undefined) throw new SitewrightError('BlueprintUnknown', `there is no blueprint '${name}'`)
    requireDeployable(found)
    return found
  })

const stageNames = ({ stages }: Config, wanted: unknown): readonly string[] => {
  const names = Object.keys(stages)
  if (names.length === 0) throw new ConfigError('sitewright.config.ts has no stage, so there is nothing to deploy')
  if (wanted === undefined) return names
  if (typeof wanted === 'string' && names.includes(wanted)) return [wanted]
  throw new ConfigError(`sitewright.config.ts has no stage '${String(wanted)}'; it has: ${names.join(', ')}`)
}

/** An offer without a path, and without a hostname that the stage serves, could not be reached. */
const requirePlaces = ({ offers }: Config, stageName: string, { console: { offerHostnames } }: Stage): void => {
  offersAt(offers, offerHostnames).forEach(({ id, hostnames, paths }, index) => {
    if (id === defaultOffer || hostnames.length + paths.length > 0) return
    throw new ConfigError(
      `offers.${index}: give it a path, or list one of its hostnames in stages.${stageName}.console.offerHostnames`,
    )
  })
}

/** A registry can give another image for a tag tomorrow. `npm run pin-images` needs it, so a synthesis only warns. */
const warnOfUnpinned = (stack: DataStack, { root }: Deployment): void => {
  const unpinned = unpinnedImages(root)
  if (unpinned.length === 0) return
  Annotations.of(stack).addWarningV2(
    'sitewright:unpinned-images',
    `Base images without a digest: ${unpinned.join(', ')}. Run 'npm run pin-images' before a deploy: see "First deploy" in docs/deploy.md.`,
  )
}

/** A synthesis needs no network. */
const warnOfMissingDuckdb = (stack: ControlStack, { root }: Deployment): void => {
  if (isFetched(root)) return
  Annotations.of(stack).addWarningV2(
    'sitewright:duckdb-not-fetched',
    "DuckDB for Lambda is missing. Run 'npm run fetch-duckdb' before a deploy: without it, reports are not written.",
  )
}

const addStacks = (app: App, deployment: Deployment): void => {
  const data = new DataStack(app, deployment)
  warnOfUnpinned(data, deployment)
  const certificate = new CertificateStack(app, deployment)
  const edge = new EdgeStack(app, deployment, data)
  edge.addStackDependency(certificate)
  const cells = deployment.stage.cells.map((cell) => new CellStack(app, deployment, { cell, data, edge }))
  const control = new ControlStack(app, deployment, { data, edge })
  warnOfMissingDuckdb(control, deployment)
  // The control plane begins by filling the pool, which needs a cell.
  for (const cell of cells) control.addStackDependency(cell)
  const api = new ApiStack(app, deployment, control)
  // The alarms exist before the first visitor, and the logs before a metric filter reads them.
  const watch = new WatchStack(app, deployment, { edge, api })
  watch.addStackDependency(api)
  new FrontStack(app, deployment).addStackDependency(watch)
}

/**
 * Creates all of Sitewright on AWS. cdk-nag checks it at synthesis.
 * @throws {ConfigError} without such a stage.
 * @throws {SitewrightError} `BlueprintUnknown` or `BlueprintInvalid` if an offered blueprint cannot be deployed.
 */
export const createApp = async (options: AppOptions): Promise<App> => {
  const { config, resolvePath, root, siteHelper, duckdb, outdir, context, unchecked = false } = options
  const blueprints = offeredOf(config, options.blueprints)
  const app = new App({
    analyticsReporting: false,
    builtinCloudFormationValidation: !unchecked,
    ...(outdir === undefined ? {} : { outdir }),
    ...(context === undefined ? {} : { context: { ...context } }),
  })
  if (!unchecked) Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
  const names = stageNames(config, options.stage ?? app.node.tryGetContext('stage'))
  const bundles = await options.bundles()
  const given = { config, blueprints, resolvePath, bundles, root, siteHelper, duckdb }
  for (const stageName of names) {
    const stage = config.stages[stageName]
    if (stage === undefined) continue
    requirePlaces(config, stageName, stage)
    const pages = await options.pages(stage.sites.domain)
    addStacks(app, { stageName, stage, names: namesOf(stageName), pages, ...given })
  }
  return app
}
