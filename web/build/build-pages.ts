import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'
import { version } from 'esbuild'
import { type BuildSettings, type Catalogue, type Language, languages } from '../settings.ts'
import { inLanguage, partsOf } from '../texts/catalogue.ts'
import { catalogue as landingTexts } from '../texts/catalogues/landing.ts'
import { pictures, readBrandFile, readBrandFiles } from './brand-files.ts'
import { bundle, type FirstScreens, loadFirstScreens, pages, web } from './bundle.ts'
import { type Assets, coloursCss, pageHtml, skeletonHtml } from './page-html.ts'

const repository = join(web, '..')

/** The hash of everything that the output depends on. */
const fingerprint = async (settings: readonly BuildSettings[]): Promise<string> => {
  const sources = globSync('**/*.{ts,tsx,js,css,svg,png,html}', { cwd: web }).toSorted()
  const hash = createHash('sha256').update(version).update(JSON.stringify(settings))
  for (const content of await readBrandFiles(settings)) hash.update(content)
  for (const source of sources) hash.update(source).update(await readFile(join(web, source)))
  return hash
    .update(await readFile(join(repository, 'package-lock.json')))
    .digest('hex')
    .slice(0, 16)
}

const compressAll = async (directory: string): Promise<void> => {
  const files = globSync('**/*.{html,js,css,svg}', { cwd: directory })
  await Promise.all(
    files.map(async (file) => {
      const compressed = await promisify(brotliCompress)(await readFile(join(directory, file)))
      await writeFile(join(directory, `${file}.br`), compressed)
    }),
  )
}

const write = async (file: string, content: string | Buffer): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

/** Writes an asset under a name with its hash. @returns its path in a URL. */
const writeAsset = async (
  directory: string,
  name: string,
  extension: string,
  content: string | Buffer,
): Promise<string> => {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8).toUpperCase()
  await write(join(directory, 'assets', `${name}-${hash}.${extension}`), content)
  return `/assets/${name}-${hash}.${extension}`
}

const writeBrand = async (directory: string, { logo, landing: own, mark, ...settings }: BuildSettings) => {
  // Home screens show no SVG.
  const landing = logo === undefined ? { touchIcon: 'web/ui/touch-icon.png', ...own } : own
  if (mark !== undefined) await write(join(directory, mark.path), await readBrandFile(mark.file))
  const copy = async (name: string, file: string): Promise<string> =>
    writeAsset(directory, name, extname(file).slice(1), await readBrandFile(file))
  const copied: Record<string, string> = {}
  for (const name of pictures) {
    const file = landing[name]
    if (file !== undefined) copied[name] = await copy(name, file)
  }
  return {
    settings: { ...settings, ...(logo === undefined ? {} : { logo: await copy('logo', logo) }) },
    landing: { ...landing, ...copied },
    colours:
      settings.colours === undefined
        ? undefined
        : await writeAsset(directory, 'colours', 'css', coloursCss(settings.colours)),
  }
}

interface Written {
  readonly assets: Assets
  readonly texts: readonly (readonly [(typeof pages)[number], Language, Catalogue])[]
  readonly firstScreens: FirstScreens
}

/** Writes the pages of an offer in one language. Servers look for a page in each, so one that the offer lacks is in its first. */
const writePages = async (
  directory: string,
  { settings, landing, colours }: Awaited<ReturnType<typeof writeBrand>>,
  wanted: Language,
  { assets, texts, firstScreens }: Written,
): Promise<void> => {
  const shown = settings.languages.includes(wanted) ? wanted : (settings.languages[0] ?? wanted)
  for (const [folder, language, catalogue] of texts) {
    // Operators have one page.
    if (language !== shown || (folder === 'operator' && settings.offer !== undefined)) continue
    const title = partsOf(catalogue['title'] ?? '', { brand: settings.brand }).join('')
    const empty = { [folder === 'owner' ? 'sites' : folder]: skeletonHtml }
    const words = inLanguage(landingTexts, language)
    const screens = folder === 'sign-up' ? firstScreens({ settings, language, catalogue }, landing, words) : empty
    const description = partsOf(words['description'] ?? '', { brand: settings.brand, days: settings.trialDays }).join(
      '',
    )
    for (const [path, html] of Object.entries(screens)) {
      const page = pageHtml({ folder, language, title, description, html, colours, landing }, settings, assets)
      await write(join(directory, settings.directory, path, `index.${wanted}.html`), page)
    }
  }
}

/** Writes the texts of each page in each language as scripts, and returns them. */
const writeTexts = async (directory: string, assets: Map<string, string>): Promise<Written['texts']> => {
  const texts: Written['texts'][number][] = []
  for (const page of pages) {
    const { catalogue } = await import(`../texts/catalogues/${page}.ts`)
    for (const language of languages) {
      const translated = inLanguage(catalogue, language)
      const script = `export const catalogue=${JSON.stringify(translated)}`
      assets.set(`texts/${page}-${language}`, await writeAsset(directory, `${page}-${language}`, 'js', script))
      texts.push([page, language, translated])
    }
  }
  return texts
}

const buildInto = async (directory: string, offers: readonly BuildSettings[]): Promise<void> => {
  const [assets, firstScreens] = await Promise.all([bundle(directory), loadFirstScreens(directory)])
  const texts = await writeTexts(directory, assets)
  for (const offer of offers) {
    const branded = await writeBrand(directory, offer)
    for (const language of languages) await writePages(directory, branded, language, { assets, texts, firstScreens })
  }
  await compressAll(directory)
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

/** Makes the first directory that can be written: the installation may belong to another user. */
const firstWritable = async ([first, ...rest]: readonly string[]): Promise<string> => {
  if (first === undefined) throw new Error('no directory for the pages can be written')
  try {
    await mkdir(first, { recursive: true })
    await rm(await mkdtemp(join(first, '.try-')), { recursive: true })
    return first
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(String(codeOf(error)))) return firstWritable(rest)
    throw error
  }
}

/**
 * Builds the browser pages of the offers, or finds those that were built from the same sources and settings before.
 * @param caches directories for the results, in the order of preference.
 * @returns the directory to serve: `assets/` has hashed names, and each page is `index.<language>.html`. Beside each file is
 * one that brotli compressed.
 */
export const buildPages = async (
  settings: readonly BuildSettings[],
  caches: readonly string[] = [join(repository, 'node_modules/.cache/sitewright-pages')],
): Promise<string> => {
  const name = await fingerprint(settings)
  for (const cache of caches) if (await exists(join(cache, name))) return join(cache, name)
  const cache = await firstWritable(caches)
  const directory = await mkdtemp(join(cache, '.building-'))
  try {
    await buildInto(directory, settings)
    await rename(directory, join(cache, name))
  } catch (error) {
    await rm(directory, { recursive: true, force: true })
    // Another process built the same.
    if (!['EEXIST', 'ENOTEMPTY'].includes(String(codeOf(error)))) throw error
  }
  return join(cache, name)
}
