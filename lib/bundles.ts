import { readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, context, type Metafile, type Plugin, transform } from 'esbuild'
import { exportOf, functions, isHttp, tableAccess } from '../lambdas/manifest.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Bundles a module as data: what its text would be is computed now. */
const asData = (name: string, filter: RegExp, contentsOf: () => Promise<string>): Plugin => ({
  name,
  setup: ({ onLoad }) => onLoad({ filter }, async () => ({ contents: await contentsOf(), loader: 'js' })),
})

/**
 * The configuration is already validated, and validating it again, with its schemas, would take a fifth of a cold start
 * (docs/adr/0016-cold-starts.md).
 */
const checkedConfig = asData('checked-config', /\/sitewright\.config\.ts$/, async () => {
  // Images are made without it: an edit replaces no router.
  const { default: config } = await import('../sitewright.config.ts')
  return `export default ${JSON.stringify(config)}`
})

/**
 * Importing `node:http` as an ES module makes Node create all its exports, WebSocket among them, and load its own undici
 * for that: ten milliseconds of each cold start for something unused.
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

/** The queries of reports: a bundle has no other files. */
const queryTexts = asData('query-texts', /\/adapters\/duckdb\/report-queries\.ts$/, async () => {
  const files = (await readdir(join(root, 'reports'))).filter((file) => file.endsWith('.sql'))
  const read = async (file: string) => [file.slice(0, -4), await readFile(join(root, 'reports', file), 'utf8')]
  const queries = Object.fromEntries(await Promise.all(files.map(read)))
  return `export const reportQueries = ${JSON.stringify(queries)}`
})

/** The description of the API: to make it loads the forms of all operations. */
const apiDescription = asData('api-description', /\/lambdas\/http\/openapi\.ts$/, async () => {
  const { openApiDocument } = await import('../lambdas/http/openapi.ts')
  const { servers, ...document } = await openApiDocument('')
  return `export const openApiDocument = async (url) => ({ ...${JSON.stringify(document)}, servers: [{ url }] })`
})

const barScript = asData('bar-script', /\/router\/bar\/bar-script\.ts$/, async () => {
  const { code } = await transform(await readFile(join(root, 'router/bar/bar.js'), 'utf8'), { minify: true })
  return `export const barScript = ${JSON.stringify(code)}`
})

/** The export of cloud/capabilities.ts that opens a capability: `archivesRemove` for `archives:remove`. */
export const openerOf = (capability: string): string =>
  capability.replaceAll(/[:-](\w)/g, (_, letter: string) => letter.toUpperCase())

const definitionOf = (name: string) => {
  const definition = functions.find((candidate) => candidate.name === name)
  if (definition === undefined) throw new Error(`no function ${name}`)
  return definition
}

const onPlatform = new Set(
  Array.from(
    readFileSync(join(root, 'cloud/capabilities.ts'), 'utf8').matchAll(/^export const (\w+): Open</gm),
    ([, opener]) => opener,
  ),
)

const importedBy = (name: string) => {
  const definition = definitionOf(name)
  const openers = definition.uses.map(openerOf).filter((opener) => onPlatform.has(opener))
  return { openers, origin: isHttp(definition) ? ['origin'] : [] }
}

/** The modules that declare what a function uses of the tables, each with the names of its records. */
const accessOf = (name: string): readonly (readonly [module: string, uses: readonly string[]])[] => {
  const modules = Map.groupBy(definitionOf(name).uses, (use) => tableAccess.get(use)?.module)
  return [...modules].flatMap(([module, uses]) => (module === undefined ? [] : [[module, uses] as const]))
}

const entryOf = (name: string): string => {
  const { module, exported } = exportOf(definitionOf(name).name)
  const { openers, origin } = importedBy(name)
  const access = accessOf(name)
  const records = access.flatMap(([, uses], index) => uses.map((use) => `access${index}['${use}']`))
  const all = [...openers, ...(records.length === 0 ? [] : [`openerOfTables([${records.join(', ')}])`])]
  return [
    "import { deployedFunction } from './cloud/deployed-function.ts'",
    "import { openerOfTables } from './cloud/context.ts'",
    `import { ${exported} } from './${module}?${exported}'`,
    `import { ${[...openers, ...origin].join(', ')} } from './cloud/capabilities.ts?${name}'`,
    ...access.map(([file, uses], index) => `import { access as access${index} } from './${file}?${uses.join()}'`),
    `export const handler = await deployedFunction(${[exported, `[${all.join(', ')}]`, ...origin].join(', ')})`,
  ].join('\n')
}

/** Imports at once what a file loads on demand: each further file adds a quarter of a millisecond to a cold start. */
const importAtOnce = (source: string): string => {
  const imports: string[] = []
  const text = source.replaceAll(/\(await import\('([^']+)'\)\)\.(\w+)/g, (_, module: string, name: string) => {
    imports.push(`import { ${name} as loaded${imports.length} } from '${module}'`)
    return `loaded${imports.length - 1}`
  })
  return [...imports, text].join('\n')
}

/** Keeps a function's own definition and drops the others of its file, what that gives, and descriptions of answers. */
const definitionAlone = (source: string, exported: string): string =>
  declarationsFor(source, [exported]).replaceAll(/^ +answers: async .+$/gm, '')

/** Keeps what a capability gives under some names, and what opens it. */
const accessAlone = (source: string, uses: readonly string[]): string => {
  const [before = '', ...records] = declarationsFor(source, ['access']).split(/^(?= {2}'[\w-]+:[\w-]+': )/m)
  const [last = '', ...after] = (records.pop() ?? '').split(/^(?=\})/m)
  return [
    before,
    ...[...records, last].filter((record) => uses.some((use) => record.startsWith(`  '${use}': `))),
    ...after,
  ].join('')
}

/**
 * Keeps the declarations of a file that some names need, directly or through others. esbuild then drops the imports that only the
 * rest needs without reading them, which takes most of the time of a bundle.
 */
const declarationsFor = (source: string, names: readonly string[]): string => {
  const [imports = '', ...declarations] = source.split(/^(?=(?:export )?const \w+)/m)
  const named = new Map(declarations.map((text) => [/const (\w+)/.exec(text)?.[1] ?? '', text]))
  const needed = new Set<string>()
  const need = (name: string): void => {
    if (needed.has(name)) return
    needed.add(name)
    const code = named.get(name)?.replaceAll(/^ *(?:\/\/|\/?\*).*$/gm, '') ?? ''
    for (const [word] of code.matchAll(/\w+/g)) if (named.has(word)) need(word)
  }
  names.forEach(need)
  return [imports, ...[...named].filter(([name]) => needed.has(name)).map(([, text]) => text)].join('')
}

/** Lets esbuild drop what is made once for all capabilities where nothing uses it, with all its imports. */
const withPureCalls = (source: string): string => source.replaceAll(/(?<== )oncePerContext\(/g, '/* @__PURE__ */ $&')

/** The entry of a function. It imports the function's definition and what opens its capabilities. */
const functionEntry: Plugin = {
  name: 'function-entry',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^function:/ }, ({ path }) => ({ path: path.slice('function:'.length), namespace: 'function' }))
    onLoad({ filter: /.*/, namespace: 'function' }, ({ path }) => ({
      contents: entryOf(path),
      loader: 'ts',
      resolveDir: root,
    }))
    onLoad({ filter: /\/lambdas\/.+\/functions\.ts$/ }, async ({ path, suffix }) => {
      const source = await readFile(path, 'utf8')
      const wanted = suffix.slice(1)
      const part = wanted.includes(':') ? accessAlone(source, wanted.split(',')) : definitionAlone(source, wanted)
      return { contents: importAtOnce(part), loader: 'ts' }
    })
    onLoad({ filter: /\/cloud\/capabilities\.ts$/ }, async ({ path, suffix }) => {
      const { openers, origin } = importedBy(suffix.slice(1))
      const needed = declarationsFor(await readFile(path, 'utf8'), [...openers, ...origin])
      return { contents: withPureCalls(needed), loader: 'ts' }
    })
    onLoad({ filter: /\/cloud\/context\.ts$/ }, async ({ path }) => ({
      contents: withPureCalls(await readFile(path, 'utf8')),
      loader: 'ts',
    }))
  },
}

/** A bundle is complete: nothing is loaded from elsewhere at run time, and creating it needs no network. */
const options = {
  absWorkingDir: root,
  nodePaths: [join(root, 'node_modules')],
  plugins: [checkedConfig, queryTexts, apiDescription, barScript, leanHttp, functionEntry],
  bundle: true,
  platform: 'node',
  target: 'node24',
  // Drops the imports that only the other definitions of a file use.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: false } },
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // Prefers a package's ES modules, because esbuild can drop their unused code.
  mainFields: ['module', 'main'],
  minify: true,
  // Code that only some calls need is in its own file, which a cold start does not read.
  splitting: true,
  chunkNames: 'part-[hash]',
  sourcemap: 'linked',
  // A stack trace needs positions, not sources.
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions

/** The files that a bundle loads. esbuild also gives those that only dropped code would import. */
const reachableFrom = (outputs: Metafile['outputs'], entry: string): ReadonlySet<string> => {
  const reachable = new Set<string>()
  const visit = (path: string): void => {
    if (reachable.has(path)) return
    reachable.add(path)
    for (const { path: imported, external } of outputs[path]?.imports ?? []) if (!external) visit(imported)
  }
  visit(entry)
  return reachable
}

/**
 * Bundles modules, each into its own directory with `index.mjs` and its source map.
 * @param modules paths by name, absolute or relative to the root.
 * @returns the directories, by name.
 * @throws {BuildFailure} from esbuild, if a module is missing or invalid.
 */
export const bundleModules = async (
  modules: ReadonlyMap<string, string>,
  outdir: string,
  further: BuildOptions = {},
): Promise<ReadonlyMap<string, string>> => {
  // One at a time: shared code must be in each one's own directory. They are builds of one context, which reads and parses that code once.
  const directory = join(outdir, 'one')
  let current = ''
  const entry: Plugin = {
    name: 'entry',
    setup: (build) => {
      build.onResolve({ filter: /^entry$/ }, ({ kind }) => build.resolve(current, { kind, resolveDir: root }))
    },
  }
  const builds = await context({
    ...options,
    ...further,
    plugins: [entry, ...options.plugins],
    outdir: directory,
    entryPoints: [{ in: 'entry', out: 'index' }],
    metafile: true,
    write: false,
  })
  for (const [name, path] of modules) {
    current = path.startsWith('function:') ? path : resolve(root, path)
    const { metafile, outputFiles } = await builds.rebuild()
    const reachable = reachableFrom(metafile.outputs, relative(root, join(directory, 'index.mjs')))
    await mkdir(join(outdir, name), { recursive: true })
    for (const { path: file, contents } of outputFiles) {
      if (!reachable.has(relative(root, file).replace(/\.map$/, ''))) continue
      const place = join(outdir, name, basename(file))
      await writeFile(place, contents)
      // Lambda and containers read it as another user, whatever the umask here is.
      await chmod(place, 0o644)
    }
  }
  await builds.dispose()
  return new Map(Array.from(modules.keys(), (name) => [name, join(outdir, name)]))
}

/**
 * Bundles every function of the manifest: `<outdir>/<name>/index.mjs` exports its `handler`.
 * @returns the directories, by the functions' names.
 */
export const bundleFunctions = (outdir: string): Promise<ReadonlyMap<string, string>> =>
  bundleModules(new Map(functions.map(({ name }) => [name, `function:${name}`])), outdir)

/** Its CommonJS packages load Node's own modules by `require`, which an ES module lacks. */
const requireForPackages = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

const bundlePrograms = async (
  outdir: string,
  names: readonly string[],
  further: BuildOptions = {},
): Promise<ReadonlyMap<string, string>> => {
  const modules = new Map(names.map((name) => [name, `cloud/${name}.ts`]))
  return bundleModules(modules, outdir, { banner: { js: requireForPackages }, ...further })
}

/** Bundles the router's service: `<outdir>/router/index.mjs`, for Node. */
export const bundleRouter = (outdir: string) => bundlePrograms(outdir, ['router'])

/** Bundles the program of the archiver's image: `<outdir>/archiver/index.mjs`, for Node. */
export const bundleArchiver = (outdir: string) => bundlePrograms(outdir, ['archiver'])

/**
 * Makes the directory that the image of the site helper is built from. It holds the bundle and the Dockerfile alone, so the image
 * changes with the helper only: a new image replaces the task definition of every site.
 */
export const bundleSiteHelper = async (outdir: string): Promise<string> => {
  const directory = join(outdir, 'site-helper')
  await rm(directory, { recursive: true, force: true })
  // A map would name its sources by the place of this directory.
  await bundlePrograms(outdir, ['site-helper'], { sourcemap: false })
  await copyFile(join(root, 'cloud/site-helper/Dockerfile'), join(directory, 'Dockerfile'))
  return directory
}
