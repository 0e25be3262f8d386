import type * as z from 'zod'

/** What an operation answers under one status. */
export interface AnswerForm {
  readonly description: string
  readonly schema?: z.ZodType
  readonly headers?: Readonly<Record<string, string>>
}
