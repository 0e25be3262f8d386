import type { FunctionEntry } from '../../../../lambdas/manifest/function-entry.ts'

/** What the manifest lets functions do, in the domain's terms. */
export type Permission = FunctionEntry['permissions'][number]
