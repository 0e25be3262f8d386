import type { Actor } from './event.ts'

/** Nobody asked for it: the clock, or a platform. */
export const system: Actor = { kind: 'system' }
