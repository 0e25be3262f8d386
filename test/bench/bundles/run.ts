import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bundleFunctions, bundleModules } from '../../../lib/bundles.ts'
import { type Measurement, runBench, type Section } from '../measurement.ts'
import { median } from '../statistics.ts'

const valueImport = /^import \{([^}]+)\} from '(@aws-sdk\/[\w-]+)'/gm

const importsOf = (source: string): [string, string[]][] =>
  [...source.matchAll(valueImport)].map(([, names = '', from = '']) => [
    from,
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type ')),
  ])

/**
 * A module that contains only what a function's own sources import from the AWS SDK: the baseline of the
 * function.
 * @param sources absolute paths of our files in the function's bundle.
 */
export const baselineModule = async (sources: readonly string[]): Promise<string> => {
  const byPackage = new Map<string, Set<string>>()
  for (const source of sources) {
    for (const [from, names] of importsOf(await readFile(source, 'utf8'))) {
      byPackage.set(from, new Set([...(byPackage.get(from) ?? []), ...names]))
    }
  }
  const packages = [...byPackage].map(([from, names]) => ({ from, names: [...names].toSorted() }))
  return [
    ...packages.map(({ from, names }) => `import { ${names.join(', ')} } from '${from}'`),
    `export const handler = async () => [${packages.flatMap(({ names }) => names).join(', ')}].length`,
    '',
  ].join('\n')
}

const run = promisify(execFile)

const script = `
const from = performance.now()
await import(process.argv[1])
console.log(performance.now() - from)
`

/** Milliseconds that a new process of this Node takes to import a module, as a function does on a cold start. */
export const importTime = async (file: string): Promise<number> => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script, pathToFileURL(file).href])
  const milliseconds = Number(stdout)
  if (!(milliseconds > 0)) throw new Error(`${file} could not be timed: ${stdout}`)
  return milliseconds
}

const usage = `Measures what a cold start of each function takes to import, beside a bundle of an empty handler and the same SDK
clients. Both are imported in turn, each time by a new process.

  npm run bench:bundles
  npm run bench:bundles -- --rounds 31

  --rounds <number>   how often each is imported (15)
`

const optionsSchema = z.object({ rounds: z.coerce.number().int().min(3).max(1000).default(15) })

const bar = 1.3

const sourceMapSchema = z.object({ sources: z.array(z.string()) })

const ownSources = async (directory: string): Promise<readonly string[]> => {
  const maps = (await readdir(directory)).filter((name) => name.endsWith('.map'))
  const found = await Promise.all(
    maps.map(async (map) => sourceMapSchema.parse(JSON.parse(await readFile(join(directory, map), 'utf8'))).sources),
  )
  const own = found.flat().filter((source) => !source.includes('node_modules'))
  return [...new Set(own.map((source) => resolve(directory, source)))].filter((source) => existsSync(source))
}

const kibibytes = async (directory: string): Promise<number> => {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.mjs'))
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(directory, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0) / 1024
}

const bundleBaselines = async (functions: ReadonlyMap<string, string>, outdir: string) => {
  const written = join(outdir, 'modules')
  await mkdir(written, { recursive: true })
  const modules = new Map<string, string>()
  for (const [name, directory] of functions) {
    const file = join(written, `${name}.ts`)
    await writeFile(file, await baselineModule(await ownSources(directory)))
    modules.set(name, file)
  }
  return bundleModules(modules, join(outdir, 'bundles'))
}

const measure = async (directory: string, baseline: string, rounds: number) => {
  const times: { readonly own: number[]; readonly base: number[] } = { own: [], base: [] }
  for (let round = 0; round < rounds; round += 1) {
    times.own.push(await importTime(join(directory, 'index.mjs')))
    times.base.push(await importTime(join(baseline, 'index.mjs')))
  }
  return { own: median(times.own), base: median(times.base) }
}

const sectionOf = async (name: string, directory: string, baseline: string, rounds: number): Promise<Section> => {
  const { own, base } = await measure(directory, baseline, rounds)
  const measurements: readonly Measurement[] = [
    { name: `${name}: import time / that of the clients alone`, value: own / base, unit: '', bar: { atMost: bar } },
    { name: `${name}: import time`, value: own, unit: 'ms' },
    { name: `${name}: bundle`, value: await kibibytes(directory), unit: 'KiB' },
    { name: `${name}: bundle of the clients alone`, value: await kibibytes(baseline), unit: 'KiB' },
  ]
  return { title: name, measurements, notes: [] }
}

await runBench(optionsSchema, usage, async function* ({ rounds }) {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-bundles-'))
  const outdir = temporary.path
  const functions = await bundleFunctions(join(outdir, 'functions'))
  const baselines = await bundleBaselines(functions, join(outdir, 'baselines'))
  for (const [name, directory] of functions) yield sectionOf(name, directory, baselines.get(name) ?? '', rounds)
})
