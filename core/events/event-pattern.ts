/** An EventBridge event pattern: every named field must have one of the listed values. Supports the conditions that we use. */
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

/** A list stands for its elements; an object has no value. */
const leavesOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value.flatMap(leavesOf)
  return value === undefined || isRecord(value) ? [] : [value]
}

/** One matching leaf is enough, also for `anything-but`. */
const meets = (leaves: readonly unknown[], condition: Condition): boolean => {
  if (typeof condition !== 'object' || condition === null) return leaves.includes(condition)
  if ('exists' in condition) return leaves.length > 0 === condition.exists
  if ('prefix' in condition) return leaves.some((leaf) => typeof leaf === 'string' && leaf.startsWith(condition.prefix))
  if ('suffix' in condition) return leaves.some((leaf) => typeof leaf === 'string' && leaf.endsWith(condition.suffix))
  const excluded: readonly unknown[] = [condition['anything-but']].flat()
  return leaves.some((leaf) => !excluded.includes(leaf))
}

/** Whether an event matches, by EventBridge's rules. In a list of objects, one must match as a whole. */
export const matchesPattern = (event: unknown, pattern: EventPattern): boolean => {
  if (Array.isArray(event) && event.length > 0) return event.some((element) => matchesPattern(element, pattern))
  return Object.entries(pattern).every(([field, expected]) => {
    const value = isRecord(event) && Object.hasOwn(event, field) ? event[field] : undefined
    if (!isList(expected)) return matchesPattern(value, expected)
    const leaves = leavesOf(value)
    return expected.some((condition) => meets(leaves, condition))
  })
}
