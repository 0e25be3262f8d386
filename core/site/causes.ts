export const causes = [
  'crash',
  'wrong-port',
  'wrong-health-path',
  'slow',
  'server-error',
  'refused-write',
  'limit',
  'image',
  'check',
  'open',
  'unknown',
] as const
export type Cause = (typeof causes)[number]
