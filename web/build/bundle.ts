import { rm } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'
import { type Catalogue, type LandingSettings, languages, type PageProps } from '../settings.ts'

export const web = join(import.meta.dirname, '..')

/** The folders in `web/` that have a script and a style, and a catalogue in `texts/catalogues/`. */
export const pages = ['sign-up', 'owner', 'operator', 'shared'] as const

const shared = {
  bundle: true,
  minify: true,
  legalComments: 'none',
  target: 'es2022',
  logLevel: 'silent',
  define: { 'process.env.NODE_ENV': '"production"' },
} as const

/** Drops the texts of a library in languages that we do not have. React Aria has a file such as `de-DE.mjs` for each. */
const keepLocales: Plugin = {
  name: 'keep-locales',
  setup: ({ onLoad }) => {
    onLoad({ filter: /react-(?:aria|stately)[^/]*\/.*\/[a-z]{2}-[A-Z]{2}\.m?js$/ }, ({ path }) => {
      const isKept = languages.some((language) => basename(path).startsWith(`${language}-`))
      return isKept ? undefined : { contents: 'export default {}', loader: 'js' }
    })
  },
}

/** Bundles scripts and styles with hashed names. @returns the path of each entry's output, by the entry's path in `web/`. */
export const bundle = async (directory: string): Promise<Map<string, string>> => {
  const outputs = { ...shared, entryNames: '[name]-[hash]', outdir: join(directory, 'assets'), metafile: true as const }
  const pathsOf = ({ outputs }: Metafile): [string, string][] =>
    Object.entries(outputs).flatMap(([file, { entryPoint }]) =>
      entryPoint === undefined ? [] : [[relative(web, join(process.cwd(), entryPoint)), `/assets/${basename(file)}`]],
    )
  const entries = (...names: string[]) => names.map((name) => join(web, name))
  const classic = await build({
    ...outputs,
    entryPoints: entries('ui/early.ts', 'sign-up/proof-worker.ts', 'ui/icon.svg'),
    format: 'iife',
    loader: { '.svg': 'copy' },
  })
  const assets = new Map(pathsOf(classic.metafile))
  const modules = await build({
    ...outputs,
    chunkNames: '[name]-[hash]',
    entryPoints: entries(...pages.flatMap((page) => [`${page}/${page}.tsx`, `${page}/${page}.css`])),
    format: 'esm',
    splitting: true,
    jsx: 'automatic',
    plugins: [keepLocales],
    define: { ...shared.define, PROOF_WORKER: JSON.stringify(assets.get('sign-up/proof-worker.ts')) },
  })
  for (const [entry, path] of pathsOf(modules.metafile)) assets.set(entry, path)
  return assets
}

export type FirstScreens = (
  props: PageProps,
  landing: LandingSettings,
  catalogue: Catalogue,
) => Readonly<Record<string, string>>

/** Loads what renders the first screens of sign-up: the components that take them over in the browser. */
export const loadFirstScreens = async (directory: string): Promise<FirstScreens> => {
  const outfile = join(directory, 'first-screens.mjs')
  await build({
    ...shared,
    entryPoints: [join(web, 'sign-up/first-screens.tsx')],
    outfile,
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    define: { ...shared.define, PROOF_WORKER: '""' },
  })
  const { firstScreens } = await import(pathToFileURL(outfile).href)
  await rm(outfile)
  return firstScreens
}
