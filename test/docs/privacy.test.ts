import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { documentOf, sectionOf } from './support/documents.ts'

const section = sectionOf(documentOf('privacy.md'), 'What happens to each item')
const stores = globSync(['lambdas/**/*store.ts', 'adapters/{dynamodb,ses}/*.ts'])
const partition = /(?:\bpk: |[pP]artition\w* = (?:\(.*\): string => )?)['`]([A-Z][A-Z-]+#?)/g
const partitions = stores.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(partition)].map(([, name]) => name))

it('says of every partition of the tables what happens to it', () => {
  expect(partitions).toContain('SITE#')
  expect(new Set(partitions).size).toBeGreaterThan(40)
  expect(partitions.filter((name) => !section.includes(`\`${name}`))).toEqual([])
})
