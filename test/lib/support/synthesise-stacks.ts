import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Template } from 'aws-cdk-lib/assertions'
import { readBlueprintFiles } from '../../../adapters/files/blueprint-files.ts'
import type { Config } from '../../../core/config/config.ts'
import { functions } from '../../../lambdas/manifest.ts'
import { type AppOptions, createApp } from '../../../lib/app.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A stack as a synthesis makes it. */
export interface SynthesisedStack {
  readonly name: string
  readonly isProtected: boolean
  /** The length of its template's file. */
  readonly characters: number
  readonly template: ReturnType<Template['toJSON']>
}

/** What stands in for the functions' bundles: a test of the templates needs none. */
const standInBundles = async (directory: string): Promise<ReadonlyMap<string, string>> => {
  const bundle = join(directory, 'bundle')
  await mkdir(bundle)
  await writeFile(join(bundle, 'index.mjs'), 'export const handler = () => undefined\n')
  return new Map(functions.map(({ name }) => [name, bundle]))
}

/** Everything that an app of the tests is made of. */
const appOptions = async (config: Config, unchecked: boolean, directory: string): Promise<AppOptions> => {
  const { blueprints, resolvePath } = await readBlueprintFiles(join(root, 'blueprints'), config.offeredBlueprints)
  const { context } = JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8'))
  return {
    config,
    blueprints,
    resolvePath,
    root,
    unchecked,
    // The templates are the same without copies of the assets.
    context: { ...context, 'aws:cdk:disable-asset-staging': true },
    pages: async () => {
      const pages = join(directory, 'pages')
      await mkdir(pages, { recursive: true })
      await writeFile(join(pages, 'index.en.html'), '<!doctype html>\n')
      return pages
    },
    bundles: () => standInBundles(directory),
    siteHelper: join(root, 'cloud/site-helper'),
    duckdb: join(root, 'docs'),
    outdir: join(directory, 'cdk.out'),
  }
}

/** Every stack of the stage of a configuration, in the order of deployment. */
export const synthesiseStacks = async (config: Config, unchecked: boolean): Promise<readonly SynthesisedStack[]> => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'sitewright-synth-'))
  const { stacks } = (await createApp(await appOptions(config, unchecked, directory.path))).synth()
  return Promise.all(
    stacks.map(async ({ stackName, terminationProtection = false, template, templateFullPath }) => ({
      name: stackName,
      isProtected: terminationProtection,
      characters: (await readFile(templateFullPath, 'utf8')).length,
      // Refuses resources that wait for each other.
      template: Template.fromJSON(template).toJSON(),
    })),
  )
}
