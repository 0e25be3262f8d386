/**
 * Writes the generated pages of `docs/`.
 *
 *   node tools/generate-docs.ts           writes them
 *   node tools/generate-docs.ts --check   writes nothing, and fails if a page is outdated
 *   node tools/generate-docs.ts --types   writes the types of the API for the browser pages, which are not committed
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { openApiDocument } from '../lambdas/http/openapi.ts'
import { costDoc, scaleDoc } from '../test/cost/generate-cost.ts'
import { lifecyclePage } from './lifecycle-page.ts'
import { operatorsPage } from './operators-page.ts'
import { recoveryPage } from './recovery-page.ts'

export interface GeneratedDoc {
  /** From the root of the repository. */
  readonly path: string
  readonly content: string
}

export const repositoryRoot = resolve(import.meta.dirname, '..')

/** The types of the browser pages' client. */
const apiTypes = async (): Promise<GeneratedDoc> => {
  const openApi = JSON.stringify(await openApiDocument('http://localhost:4000'))
  return { path: 'web/api/openapi.d.ts', content: astToString(await openapiTypescript(openApi)) }
}

export const generatedDocs = async (): Promise<readonly GeneratedDoc[]> => [
  { path: 'docs/lifecycle.md', content: lifecyclePage() },
  { path: 'docs/operators.md', content: operatorsPage() },
  { path: 'docs/cost.md', content: await costDoc() },
  { path: 'docs/scale.md', content: scaleDoc() },
  { path: 'docs/recovery.md', content: recoveryPage() },
]

const contentOf = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** The paths of pages that are missing or outdated below `root`. */
export const staleDocs = async (docs: readonly GeneratedDoc[], root: string): Promise<readonly string[]> => {
  const isCurrent = await Promise.all(
    docs.map(async ({ path, content }) => (await contentOf(resolve(root, path))) === content),
  )
  return docs.flatMap(({ path }, index) => (isCurrent[index] ? [] : [path]))
}

export const writeDocs = async (docs: readonly GeneratedDoc[], root: string): Promise<void> => {
  for (const { path, content } of docs) {
    const file = resolve(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { check: { type: 'boolean', default: false }, types: { type: 'boolean', default: false } },
  })
  if (values.types) {
    await writeDocs([await apiTypes()], repositoryRoot)
  } else {
    const docs = await generatedDocs()
    const stale = await staleDocs(docs, repositoryRoot)
    if (!values.check) {
      await writeDocs(docs, repositoryRoot)
      console.log(stale.length === 0 ? 'nothing changed' : `written: ${stale.join(', ')}`)
    } else if (stale.length > 0) {
      console.error(`not current: ${stale.join(', ')}. Run: node tools/generate-docs.ts`)
      process.exitCode = 1
    }
  }
}
