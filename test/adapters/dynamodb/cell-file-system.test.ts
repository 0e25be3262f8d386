import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCellFileSystem } from '../../../adapters/dynamodb/cell-file-system.ts'
import { startTestEngine, type TestEngine } from '../../support/engine.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { openTestStore, type TestStore } from './test-store.ts'

let engine: TestEngine
let store: TestStore
beforeAll(async () => {
  engine = await startTestEngine('dynoxide')
  store = await openTestStore(engine)
})
afterAll(async () => {
  store?.close()
  await engine?.stop()
})

const log = recordingLog()
const fileSystem = (name: string, fileSystemId: string) =>
  createCellFileSystem({ client: store.document, tables: store.tables, cell: { name, fileSystemId }, log })

test('a cell keeps the file system that its first site was prepared on', async () => {
  // A copy records nothing: its site was prepared before.
  await fileSystem('a', 'fs-1').requireSame()
  await Promise.all(['fs-1', 'fs-1'].map((id) => fileSystem('a', id).recordOrRequireSame()))
  await fileSystem('a', 'fs-1').requireSame()
  await fileSystem('b', 'fs-2').recordOrRequireSame()
  expect(log.lines).toEqual([])
  const another = fileSystem('a', 'fs-2')
  for (const refused of [another.recordOrRequireSame, another.requireSame]) {
    await expect(refused()).rejects.toMatchObject({
      kind: 'RuntimeUnavailable',
      message: expect.stringMatching(/'a' has the file system fs-2, .* on fs-1: .*docs\/recovery\.md/),
    })
  }
  const fields = { event: 'file-system-differs', cell: 'a', recorded: 'fs-1' }
  expect(log.lines).toMatchObject(Array(2).fill({ level: 'error', fields }))
})

test('of two that record at once, one is refused', async () => {
  const outcomes = await Promise.allSettled(['fs-1', 'fs-2'].map((id) => fileSystem('c', id).recordOrRequireSame()))
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})
