import { expect, it } from 'vitest'
import { eventSource } from '../../../core/events/event-names.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import { advanceRollouts } from '../../../lambdas/releases/functions.ts'

it.each([
  ['RolloutHalted', {}, true],
  ['SiteOperationEnded', { operation: 'upgrade' }, true],
  ['SiteOperationEnded', { operation: 'copy' }, false],
])('a roll-out moves on at once after %s %j: %s', (type, data, isMoved) => {
  const patterns = advanceRollouts.triggers
    .map((trigger) => ('wokenBy' in trigger ? trigger.wokenBy : undefined))
    .filter((pattern) => pattern !== undefined)
  const event = { source: eventSource, 'detail-type': type, detail: { data } }
  expect(patterns.map((pattern) => matchesPattern(event, pattern))).toEqual([isMoved])
})
