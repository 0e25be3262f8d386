import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'

const root = resolve(import.meta.dirname, '../../..')

/** Paths that are no part of a release, or are too large to copy. */
const left = ['node_modules', 'cdk.out', 'coverage', 'docs', 'test']

/** A copy of the repository whose configuration an operator edits, and the templates that it makes. */
export interface Release {
  readonly directory: string
  /** Replaces texts of the configuration. */
  readonly edit: (...changes: readonly (readonly [from: string, to: string])[]) => Promise<void>
  /** Runs a program of the release. @returns its output. */
  readonly run: (program: string, parameters: readonly string[], environment?: NodeJS.ProcessEnv) => Promise<string>
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
  return {
    directory,
    run,
    edit: async (...changes) => {
      const file = join(directory, 'sitewright.config.ts')
      let text = await readFile(file, 'utf8')
      for (const [from, to] of changes) {
        if (!text.includes(from)) throw new Error(`the configuration has no ${from}`)
        text = text.replaceAll(from, to)
      }
      await writeFile(file, text)
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
