import { afterAll, beforeAll } from 'vitest'
import type { OpenTestStore, TestStore } from './test-store.ts'

/** A store that is there once the tests around it begin, and is closed after them. */
export const storeForAll = (open: OpenTestStore): TestStore => {
  const store: Partial<TestStore> = {}
  beforeAll(async () => {
    Object.assign(store, await open())
  })
  afterAll(() => store.close?.())
  return store as TestStore
}
