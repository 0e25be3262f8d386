import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { transitions } from '../../core/site/lifecycle.ts'
import { generatedDocs, lifecyclePage, repositoryRoot, staleDocs, writeDocs } from '../../tools/generate-docs.ts'
import { everyStatus } from '../support/site-samples.ts'

interface Transition {
  readonly from: readonly string[]
  readonly to: string
  readonly event: string
}

const docs = await generatedDocs()

describe('the generated documents', () => {
  it.each(docs)('$path is as in the code; if not, run: node tools/generate-docs.ts', async (doc) => {
    expect(await readFile(join(repositoryRoot, doc.path), 'utf8')).toBe(doc.content)
  })
})

describe('looking for stale documents', () => {
  const docs = [
    { path: 'page.md', content: 'new\n' },
    { path: 'deeper/below/other.md', content: 'other\n' },
  ]
  let root: string

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sitewright-docs-'))
  })
  afterEach(async () => {
    await rm(root, { recursive: true })
  })

  it('finds those that are missing', async () => {
    expect(await staleDocs(docs, root)).toEqual(['page.md', 'deeper/below/other.md'])
  })

  it('finds none once they are written', async () => {
    await writeDocs(docs, root)
    expect(await staleDocs(docs, root)).toEqual([])
  })

  it('finds one that was changed by hand', async () => {
    await writeDocs(docs, root)
    await writeFile(join(root, 'page.md'), 'newer\n')
    expect(await staleDocs(docs, root)).toEqual(['page.md'])
  })
})

describe('the page of the lifecycle', () => {
  const page = lifecyclePage()
  const diagram = /```mermaid\nstateDiagram-v2\n([^`]+)```/.exec(page)?.[1] ?? ''
  const drawn = diagram
    .trimEnd()
    .split('\n')
    .map((line) => line.trim())

  it('draws every transition to a status from every one that it starts from, and nothing else between two statuses', () => {
    const expected = Object.entries<Transition>(transitions).flatMap(([name, { from, to }]) =>
      to === 'same' ? [] : (from.length === 0 ? ['[*]'] : [...from]).map((origin) => `${origin} --> ${to}: ${name}`),
    )
    expect(drawn.filter((line) => !line.endsWith('[*]')).toSorted()).toEqual(expected.toSorted())
  })

  it('draws the ends', () => {
    expect(drawn.filter((line) => line.endsWith('[*]'))).toEqual(['purged --> [*]'])
  })

  it('explains every status, and names every transition with its event', () => {
    for (const status of everyStatus) expect(page).toContain(`| \`${status}\` | `)
    for (const [name, { from, to, event }] of Object.entries<Transition>(transitions)) {
      const origins = from.map((status) => `\`${status}\``).join(', ') || 'none'
      const target = to === 'same' ? 'unchanged' : `\`${to}\``
      expect(page).toContain(`\n| ${name} | ${origins} | ${target} | \`${event}\` |\n`)
    }
  })
})
