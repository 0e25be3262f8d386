/**
 * Makes the package of the command `sitewright`: one file for Node 20, with everything that it needs.
 *
 *   node tools/pack-command-line.ts FOLDER    writes FOLDER/sitewright-VERSION.tgz, for `npm install --global`
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }

const root = resolve(import.meta.dirname, '..')

const { version, license } = manifest

const published = {
  name: 'sitewright',
  version,
  license,
  description: 'Deploys your application to Sitewright, as sitewright.yaml describes it.',
  type: 'module',
  bin: { sitewright: 'sitewright.mjs' },
  engines: { node: '>=20.12' },
  files: ['sitewright.mjs', 'THIRD-PARTY.txt'],
}

/** The licences of the packages that are in the bundle, which ask to go with their code. */
const licencesOf = async (inputs: readonly string[]): Promise<string> => {
  const packages = new Set(inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []))
  const texts = [...packages].toSorted().map(async (path) => {
    const name = path.replace(/^.*node_modules\//, '')
    const file = (await readdir(join(root, path))).find((one) => /^licen[cs]e/i.test(one))
    if (file === undefined) throw new Error(`the package ${name} has no file with its licence`)
    return `${name}\n\n${(await readFile(join(root, path, file), 'utf8')).trim()}\n`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}

/** @returns the path of the tarball. */
export const packCommandLine = async (folder: string): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-pack-'))
  try {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ['bin/sitewright.ts'],
      outfile: join(directory, 'sitewright.mjs'),
      bundle: true,
      platform: 'node',
      target: 'node20.12',
      format: 'esm',
      mainFields: ['module', 'main'],
      minify: true,
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
      // Its CommonJS packages load Node's own modules by `require`, which an ES module lacks.
      banner: {
        js: "#!/usr/bin/env node\nimport{createRequire}from'node:module';const require=createRequire(import.meta.url);",
      },
    })
    await writeFile(join(directory, 'package.json'), JSON.stringify(published))
    await writeFile(join(directory, 'THIRD-PARTY.txt'), await licencesOf(Object.keys(metafile.inputs)))
    await copyFile(join(root, 'LICENSE'), join(directory, 'LICENSE'))
    await mkdir(folder, { recursive: true })
    const { stdout } = await promisify(execFile)('npm', ['pack', '--silent', '--pack-destination', folder], {
      cwd: directory,
    })
    return join(folder, stdout.trim())
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2)
  if (folder === undefined) {
    console.error('usage: node tools/pack-command-line.ts FOLDER')
    process.exit(2)
  }
  console.log(await packCommandLine(resolve(folder)))
}
