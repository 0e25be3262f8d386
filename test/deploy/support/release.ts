import { execFile } from 'node:child_process'
import { appendFile, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { functions } from '../../../lambdas/manifest.ts'

const root = resolve(import.meta.dirname, '../../..')

/** Paths that are no part of a release, or are too large to copy. */
const left = ['node_modules', 'cdk.out', 'coverage', 'docs', 'test']

type Change = readonly [from: string, to: string]

/** A copy of the repository whose configuration an operator edits, and the templates that it makes. */
export interface Release {
  readonly directory: string
  /** Replaces texts of the configuration. */
  readonly edit: (...changes: readonly Change[]) => Promise<void>
  /** Runs a program of the release. @returns its output. */
  readonly run: (program: string, parameters: readonly string[], environment?: NodeJS.ProcessEnv) => Promise<string>
  /** Changes all code: the sources of the router, and what functions were bundled to. To bundle them again would take most of a synthesis. */
  readonly changeCode: () => Promise<void>
  /** Makes the templates, as `cdk synth` does. @returns their directory. */
  readonly synthesise: () => Promise<string>
}

export const copyRelease = async (directory: string): Promise<Release> => {
  await mkdir(directory)
  for (const name of await readdir(root)) {
    if (left.includes(name) || (name.startsWith('.') && name !== '.dockerignore')) continue
    await cp(join(root, name), join(directory, name), { recursive: true })
  }
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  return openRelease(directory)
}

/** A release that was copied before. */
export const openRelease = (directory: string): Release => {
  const run: Release['run'] = async (program, parameters, environment = {}) => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(directory, program), ...parameters], {
      cwd: directory,
      env: { ...process.env, ...environment },
    })
    return stdout
  }
  const editFile = async (name: string, changes: readonly Change[]): Promise<void> => {
    const file = join(directory, name)
    let text = await readFile(file, 'utf8')
    for (const [from, to] of changes) {
      if (!text.includes(from)) throw new Error(`${name} has no ${from}`)
      text = text.replaceAll(from, to)
    }
    await writeFile(file, text)
  }
  return {
    directory,
    run,
    edit: (...changes) => editFile('sitewright.config.ts', changes),
    changeCode: async () => {
      const change = '\nconsole.debug("a changed release")\n'
      await appendFile(join(directory, 'core/errors.ts'), change)
      for (const { name } of functions) await appendFile(join(directory, 'cdk.out/bundles', name, 'index.mjs'), change)
      const bundled = 'bundleModules(new Map(functions.map(({ name }) => [name, `function:${name}`])), outdir)'
      const kept = 'Promise.resolve(new Map(functions.map(({ name }) => [name, join(outdir, name)])))'
      await editFile('lib/bundles.ts', [[bundled, kept]])
    },
    synthesise: async () => {
      const { context } = z
        .object({ context: z.record(z.string(), z.unknown()) })
        .parse(JSON.parse(await readFile(join(root, 'cdk.json'), 'utf8')))
      const CDK_OUTDIR = join(directory, 'cdk.out')
      await run('bin/aws.ts', [], { CDK_OUTDIR, CDK_CONTEXT_JSON: JSON.stringify(context) })
      return CDK_OUTDIR
    },
  }
}
