import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Template } from 'aws-cdk-lib/assertions'
import { readBlueprintFiles } from '../../../adapters/files/blueprint-files.ts'
import { namesOf } from '../../../cloud/names.ts'
import type { Config } from '../../../core/config/config.ts'
import { functions } from '../../../lambdas/manifest.ts'
import { type AppOptions, createApp } from '../../../lib/app.ts'
import { testConfig } from './test-config.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

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

export interface Synthesised {
  readonly names: ReturnType<typeof namesOf>
  /** Every stack's name, in the order of deployment. */
  readonly stacks: readonly string[]
  /** The names of those that CloudFormation refuses to delete. */
  readonly protectedStacks: readonly string[]
  /** @param part such as `data`. */
  readonly template: (part: string) => Template
  /** The length of each template's file, by the stack's name. */
  readonly characters: ReadonlyMap<string, number>
}

const synthesiseOnce = async (config: Config, unchecked: boolean): Promise<Synthesised> => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'sitewright-synth-'))
  const assembly = (await createApp(await appOptions(config, unchecked, directory.path))).synth()
  const names = namesOf(Object.keys(config.stages)[0]!)
  const characters = new Map(
    await Promise.all(
      assembly.stacks.map(
        async ({ stackName, templateFullPath }) =>
          [stackName, (await readFile(templateFullPath, 'utf8')).length] as const,
      ),
    ),
  )
  const templates = new Map(assembly.stacks.map(({ stackName, template }) => [stackName, Template.fromJSON(template)]))
  return {
    names,
    stacks: [...templates.keys()],
    protectedStacks: assembly.stacks.filter((stack) => stack.terminationProtection).map(({ stackName }) => stackName),
    characters,
    template: (part) => {
      const template = templates.get(names.stack(part))
      if (template === undefined) throw new Error(`there is no stack ${names.stack(part)}`)
      return template
    },
  }
}

const synthesised = new WeakMap<Config, Promise<Synthesised>>()

/**
 * Synthesises the test's stage, cdk-nag's checks included. It takes seconds, so test files of a worker share the result.
 *
 * @param unchecked where another synthesis checks the same.
 */
export const synthesise = (config: Config = testConfig, unchecked = false): Promise<Synthesised> => {
  const known = synthesised.get(config) ?? synthesiseOnce(config, unchecked)
  synthesised.set(config, known)
  return known
}
