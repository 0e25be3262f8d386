import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { glossary } from './support/glossary.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Files that are in plain English, as glob patterns. The list only grows. */
const written = [
  '*.{md,ts}',
  'docs/*.md',
  'docs/adr/*.md',
  'docs/api/openapi.json',
  'web/**/*.{html,js,ts,tsx,css}',
  '{adapters,bin,cloud,core,lambdas,lib,local,router,sites,tools}/**/*.{ts,js}',
  'packages/*/**/*.{ts,md}',
  'statemachines/*.json',
  'test/!(docs)/**/*.ts',
]

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')

/** The prose of a file, every character at its place: without code and targets of links, comments without their marks. */
const proseOf = (file: string, text: string): string =>
  file.endsWith('.md')
    ? text.replaceAll(/^ *```[\s\S]*?^ *```|`[^`]{1,200}`|\]\([^)\s]+\)/gm, blank)
    : text.replaceAll(/^ *(?:\*|\/\/|\/\*\*)/gm, blank)

/** `file:line: “match”: plain words` for each refused expression of a text. */
const refusedIn = (file: string, text: string): readonly string[] => {
  const prose = proseOf(file, text)
  return glossary.flatMap(([refused, plain]) => {
    const anywhere = new RegExp(refused.source.replaceAll(' ', '\\s+'), `${refused.flags}g`)
    return [...prose.matchAll(anywhere)].map(({ 0: match, index }) => {
      const line = prose.slice(0, index).split('\n').length
      return `${file}:${line}: “${match.replaceAll(/\s+/g, ' ')}”: ${plain}`
    })
  })
}

describe('the glossary', () => {
  const files = globSync(written, { cwd: root }).toSorted()

  it('finds the files', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'docs/trials.md', 'web/sign-up/email-screen.tsx']))
  })

  it.each(files)('refuses no expression of %s', (file) => {
    expect(refusedIn(file, readFileSync(`${root}/${file}`, 'utf8'))).toEqual([])
  })

  it('finds an expression across lines, with its place and plain words', () => {
    const found = refusedIn('x.ts', '/**\n * Nothing is done in\n * vain. */')
    expect(found).toEqual(['x.ts:2: “in vain”: without effect'])
  })

  it('ignores code and targets of links in documents', () => {
    expect(refusedIn('x.md', 'It was `in vain`.\n\n```sh\nurge\n```\n[a link](the-turned-clock.md)')).toEqual([])
  })
})
