import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { documentOf, sectionOf } from './support/documents.ts'

const section = sectionOf(documentOf('architecture.md'), 'Where to look')
const rows = [...section.matchAll(/^\| (?!behaviour|---)(.+) \|$/gm)].map(([, row = '']) => row.split(' | '))
const linksOf = (cell = '') =>
  [...cell.matchAll(/\[`(\w+)`\]\(\.\.\/([^)]+)\)/g)].map(([, exported = '', file = '']) => ({ exported, file }))

describe('where to look', () => {
  it('lists different behaviours', () => {
    expect(new Set(rows.map(([behaviour]) => behaviour)).size).toBe(39)
    expect(rows).toHaveLength(39)
  })

  it.each(rows)('%s: has an entry point and the files that decide', (_behaviour, entry, decided) => {
    expect(linksOf(entry)).toHaveLength(1)
    expect([2, 3]).toContain(linksOf(decided).length)
    for (const { exported, file } of [entry, decided].flatMap(linksOf)) {
      const url = new URL(`../../${file}`, import.meta.url)
      expect([file, existsSync(url)]).toEqual([file, true])
      expect([exported, readFileSync(url, 'utf8').includes(`export const ${exported} `)]).toEqual([exported, true])
    }
  })
})
