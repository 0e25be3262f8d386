import type { Texts } from '../texts/texts.ts'
import { sayProblem as sayOther } from '../ui/say-problem.ts'
import { ProofFailed } from './prove.ts'

/** Says what went wrong and what to do, in the page's language. */
export const sayProblem = (texts: Texts<string>, error: unknown, brand: string): string =>
  error instanceof ProofFailed ? texts.t('email.proof-failed') : sayOther(texts, error, brand)
