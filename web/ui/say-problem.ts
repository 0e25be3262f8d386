import { ApiError } from '../api/api-error.ts'
import type { Texts } from '../texts/texts.ts'

/** Says what went wrong and what to do, in the page's language. */
export const sayProblem = (texts: Texts<string>, error: unknown, brand: string): string => {
  if (!(error instanceof ApiError)) return texts.t('problem.other', { status: String(error) })
  const wait = texts.format.duration(error.problem.retryAfterSeconds ?? 60)
  const { status } = error
  return texts.find(`problem.${error.kind}`, { wait, brand, status }) ?? texts.t('problem.other', { status })
}
