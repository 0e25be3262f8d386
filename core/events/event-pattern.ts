/**
 * An EventBridge event pattern, as a rule deploys it: a field matches when its value is one of those listed, and every
 * field named must match. Conditions are those of EventBridge's content filtering that we use.
 */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly Condition[]
}

export type Condition =
  | string
  | number
  | boolean
  | null
  | { readonly prefix: string }
  | { readonly suffix: string }
  | { readonly exists: boolean }
  | { readonly 'anything-but': string | number | readonly (string | number)[] }

const isList = (value: EventPattern | readonly Condition[]): value is readonly Condition[] => Array.isArray(value)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const meets = (value: unknown, condition: Condition): boolean => {
  if (typeof condition !== 'object' || condition === null) return value === condition
  if ('exists' in condition) return (value !== undefined) === condition.exists
  if ('prefix' in condition) return typeof value === 'string' && value.startsWith(condition.prefix)
  if ('suffix' in condition) return typeof value === 'string' && value.endsWith(condition.suffix)
  const excluded: readonly unknown[] = [condition['anything-but']].flat()
  return value !== undefined && !excluded.includes(value)
}

/** In EventBridge a list in the event matches when one of its elements does. */
const candidates = (value: unknown): readonly unknown[] => (Array.isArray(value) && value.length > 0 ? value : [value])

/** Whether an event matches, by the rules of EventBridge. */
export const matchesPattern = (event: unknown, pattern: EventPattern): boolean =>
  Object.entries(pattern).every(([field, expected]) => {
    const value = isRecord(event) ? event[field] : undefined
    return isList(expected)
      ? candidates(value).some((candidate) => expected.some((condition) => meets(candidate, condition)))
      : matchesPattern(value, expected)
  })
