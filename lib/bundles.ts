import { readFile, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildOptions, Metafile, Plugin } from 'esbuild'
import { build } from 'esbuild'
import { exportOf, functions, isHttp } from '../lambdas/manifest.ts'
import config from '../sitewright.config.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * The configuration goes in as it stands. It has been checked by now, and reading it again, with the schemas for it, would be
 * a fifth of a cold start (docs/adr/0016-cold-starts.md).
 */
const checkedConfig: Plugin = {
  name: 'checked-config',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/sitewright\.config\.ts$/ }, () => ({
      contents: `export default ${JSON.stringify(config)}`,
      loader: 'js',
    }))
  },
}

/**
 * To import `node:http` as an ES module is to have Node make all that it exports, a WebSocket among it, and for that load the
 * whole of its own undici: ten milliseconds of each cold start, for something that nobody here uses.
 */
const leanHttp: Plugin = {
  name: 'lean-http',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:http$/ }, ({ path }) => ({ path, namespace: 'lean' }))
    onLoad({ filter: /.*/, namespace: 'lean' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
      loader: 'js',
    }))
  },
}

/** The export of cloud/capabilities.ts that opens a capability: `archivesRemove` for `archives:remove`. */
export const openerOf = (capability: string): string =>
  capability.replaceAll(/[:-](\w)/g, (_, letter: string) => letter.toUpperCase())

const entryOf = (name: string): string => {
  const definition = functions.find((candidate) => candidate.name === name)
  if (definition === undefined) throw new Error(`no function ${name}`)
  const { module, exported } = exportOf(definition.name)
  const openers = definition.uses.map(openerOf)
  const origin = isHttp(definition) ? ['origin'] : []
  return [
    "import { deployedFunction } from './cloud/deployed-function.ts'",
    `import { ${exported} } from './${module}?${exported}'`,
    `import { ${[...openers, ...origin].join(', ')} } from './cloud/capabilities.ts'`,
    `export const handler = await deployedFunction(${[exported, `[${openers.join(', ')}]`, ...origin].join(', ')})`,
  ].join('\n')
}

/**
 * A function's own definition, without the others of its file: the bundle holds nothing that they load. It imports at once what it
 * loads on demand: each file more costs a cold start a quarter of a millisecond.
 */
const definitionAlone = (source: string, exported: string): string => {
  const imports: string[] = []
  const text = source
    .split(/^(?=export const \w+ = defineFunction\()/m)
    .filter((part, index) => index === 0 || part.startsWith(`export const ${exported} `))
    .join('')
    .replaceAll(/\(await import\('([^']+)'\)\)\.(\w+)/g, (_, module: string, name: string) => {
      imports.push(`import { ${name} as loaded${imports.length} } from '${module}'`)
      return `loaded${imports.length - 1}`
    })
  return [...imports, text].join('\n')
}

/**
 * The entry of a function: it imports its definition and what opens the capabilities that it uses. The calls that make the other
 * capabilities are marked as pure, so that esbuild drops them with all that they import.
 */
const functionEntry: Plugin = {
  name: 'function-entry',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^function:/ }, ({ path }) => ({ path: path.slice('function:'.length), namespace: 'function' }))
    onLoad({ filter: /.*/, namespace: 'function' }, ({ path }) => ({
      contents: entryOf(path),
      loader: 'ts',
      resolveDir: root,
    }))
    onLoad({ filter: /\/lambdas\/[a-z-]+\.ts$/ }, async ({ path, suffix }) => ({
      contents: definitionAlone(await readFile(path, 'utf8'), suffix.slice(1)),
      loader: 'ts',
    }))
    onLoad({ filter: /\/cloud\/(capabilities|context)\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(/(?<== )oncePerContext\(/g, '/* @__PURE__ */ $&'),
      loader: 'ts',
    }))
  },
}

/** What is bundled is all there is: nothing is looked for at run time, and nothing is asked of the network to make it. */
const options = {
  absWorkingDir: root,
  nodePaths: [join(root, 'node_modules')],
  plugins: [checkedConfig, leanHttp, functionEntry],
  bundle: true,
  platform: 'node',
  target: 'node24',
  // Drops the imports that only the other definitions of a file use.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: false } },
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // The modules of a package that has both kinds, since only from those can be dropped what nobody uses.
  mainFields: ['module', 'main'],
  minify: true,
  // What only some calls need is a file of its own, which a cold start does not read.
  splitting: true,
  chunkNames: 'part-[hash]',
  sourcemap: 'linked',
  // A stack trace needs places, not text.
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions

/** Removes the parts that only dropped code would have imported: esbuild writes them all the same. */
const removeUnreachable = async (outputs: Metafile['outputs'], entry: string): Promise<void> => {
  const reachable = new Set<string>()
  const visit = (path: string): void => {
    if (reachable.has(path)) return
    reachable.add(path)
    for (const { path: imported, external } of outputs[path]?.imports ?? []) if (!external) visit(imported)
  }
  visit(entry)
  const isDropped = (path: string): boolean => !reachable.has(path.replace(/\.map$/, ''))
  await Promise.all(
    Object.keys(outputs)
      .filter(isDropped)
      .map((path) => rm(join(root, path))),
  )
}

/**
 * Bundles modules, each into a directory of its own that holds `index.mjs` and its source map.
 * @param modules by name, each one's path, absolute or from the root.
 * @returns the directories, by name.
 * @throws {BuildFailure} of esbuild, where something is not found or not valid.
 */
export const bundleModules = async (
  modules: ReadonlyMap<string, string>,
  outdir: string,
  further: BuildOptions = {},
): Promise<ReadonlyMap<string, string>> => {
  // One at a time: what they have in common has to be in each one's own directory.
  for (const [name, path] of modules) {
    const directory = join(outdir, name)
    const entryPoints = [{ in: path, out: 'index' }]
    const { metafile } = await build({ ...options, ...further, outdir: directory, entryPoints, metafile: true })
    await removeUnreachable(metafile.outputs, relative(root, join(directory, 'index.mjs')))
  }
  return new Map(Array.from(modules.keys(), (name) => [name, join(outdir, name)]))
}

/**
 * Bundles every function of the manifest: `<outdir>/<name>/index.mjs` exports its `handler`.
 * @returns the directories, by the functions' names.
 */
export const bundleFunctions = (outdir: string): Promise<ReadonlyMap<string, string>> =>
  bundleModules(new Map(functions.map(({ name }) => [name, `function:${name}`])), outdir)

/** Its packages of the CommonJS kind ask for Node's own modules by `require`, which an ES module does not have. */
const requireForPackages = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

const bundleProgram = async (name: string, outdir: string): Promise<void> => {
  await bundleModules(new Map([[name, `cloud/${name}.ts`]]), outdir, { banner: { js: requireForPackages } })
}

/** Bundles the router's service: `<outdir>/router/index.mjs`, to be run by Node. */
export const bundleRouter = (outdir: string): Promise<void> => bundleProgram('router', outdir)

/** Bundles what a task of the archiver runs: `<outdir>/archiver/index.mjs`, to be run by Node. */
export const bundleArchiver = (outdir: string): Promise<void> => bundleProgram('archiver', outdir)
