import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { operatorSessionLife } from '../../lambdas/accounts/session/session-life.ts'
import { longestUserAgent } from '../../lambdas/operators/audit/audit-entry.ts'
import { attemptMinutes } from '../../lambdas/operators/operator-session.ts'
import { generatedDocs, repositoryRoot, staleDocs, writeDocs } from '../../tools/generate-docs.ts'

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

it('the page on operators says the limits of their sessions', async () => {
  const page = await readFile(join(repositoryRoot, 'docs/operators.md'), 'utf8')
  const { idle, longest, noteEvery } = operatorSessionLife
  expect(page).toContain(`after ${idle} minutes without a request and after ${longest / 60} hours.`)
  expect(page).toMatch(new RegExp(`stored every\\s+${noteEvery} minutes`))
  expect(page).toContain(`five tries in ${attemptMinutes} minutes`)
  expect(page).toContain(`the first ${longestUserAgent} characters of the user agent`)
})
