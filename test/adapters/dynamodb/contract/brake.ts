import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { system } from '../../../../core/events/event-names.ts'
import type { BrakeAct, BrakeState, BrakeStore } from '../../../../lambdas/trials/brake.ts'
import { createBrakeStore } from '../../../../lambdas/trials/store.ts'
import { loseReply } from '../intercept.ts'
import { now } from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

const state = (version: number, facts: Partial<BrakeState> = {}): BrakeState => ({
  schemaVersion: 1,
  version,
  seenAt: now,
  begun: 0,
  spent: [],
  ...facts,
})
const act = (version: number): BrakeAct => ({
  schemaVersion: 1,
  version,
  at: now,
  act: 'tripped',
  because: 'clock',
  detail: `The ${version}th.`,
  actor: system,
})

export const brake = (open: OpenTestStore): void => {
  describe('the brake', () => {
    const stores: TestStore[] = []
    let store: TestStore
    let brakes: BrakeStore
    beforeEach(async () => {
      store = await open()
      stores.push(store)
      brakes = createBrakeStore({ client: store.document, tables: store.tables })
    })
    afterAll(() => {
      for (const opened of stores) opened.close()
    })

    test('has no state and no history at first', async () => {
      expect(await brakes.read()).toBeUndefined()
      expect(await brakes.history(10)).toEqual([])
    })

    test('keeps its state as it was written', async () => {
      const full = state(1, {
        tripped: { at: now, because: 'too-many', detail: '16 wait.' },
        forecast: { day: '2026-03-01T00:00:00.000Z', today: 3, tomorrow: 4 },
        begun: 2,
        spent: [{ from: now, count: 2 }],
      })
      expect(await brakes.write(full)).toBe(true)
      expect(await brakes.read()).toEqual(full)
    })

    test('is written by one of several at once, and only upon the version before', async () => {
      expect(await brakes.write(state(2))).toBe(false)
      const firsts = await Promise.all([1, 2, 3, 4].map((begun) => brakes.write(state(1, { begun }))))
      expect(firsts.filter(Boolean)).toHaveLength(1)
      expect(await brakes.write(state(3))).toBe(false)
      const seconds = await Promise.all([1, 2, 3, 4].map((begun) => brakes.write(state(2, { begun }))))
      expect(seconds.filter(Boolean)).toHaveLength(1)
      expect((await brakes.read())?.begun).toBe(seconds.indexOf(true) + 1)
    })

    test('has its history, the latest first, and nothing of what was not written', async () => {
      for (let version = 1; version <= 12; version += 1) {
        await brakes.write(state(version), version % 2 === 0 ? act(version) : undefined)
      }
      expect(await brakes.write(state(12), act(12))).toBe(false)
      expect(await brakes.write(state(20), act(20))).toBe(false)
      expect(await brakes.history(3)).toEqual([12, 10, 8].map(act))
      expect(await brakes.history(100)).toHaveLength(6)
    })

    test('is written once where a reply was lost', async () => {
      const faulty = await open({ tables: store.tables })
      stores.push(faulty)
      const { wasLost } = loseReply(faulty.engine, 'TransactWriteItems', 'repeats-to-forgetful')
      const overFaulty = createBrakeStore({ client: faulty.document, tables: faulty.tables })
      await overFaulty.write(state(1), act(1))
      expect(wasLost()).toBe(true)
      expect(await brakes.read()).toEqual(state(1))
      expect(await brakes.history(10)).toEqual([act(1)])
    })
  })
}
