import type { Rollout } from '../../lambdas/releases/rollout.ts'

export const sampleRollout = (some: Partial<Rollout> = {}): Rollout => ({
  schemaVersion: 1,
  blueprint: 'welcome',
  version: 1,
  events: 1,
  to: 2,
  state: 'running',
  isSecurity: false,
  waves: [],
  reason: 'New editor',
  startedBy: { kind: 'system' },
  startedAt: '2026-01-01T00:00:00.000Z',
  triesFrom: '2026-01-01T00:00:00.000Z',
  wave: 0,
  done: 0,
  skipped: 0,
  failed: [],
  accepted: 0,
  chosen: [],
  samples: [],
  ...some,
})
