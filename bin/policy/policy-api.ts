import * as z from 'zod'
import type { Answer } from '../demo/http-call.ts'

const step = z.object({ step: z.string(), at: z.string() }).nullable()

const pageSchema = z.object({
  sites: z.array(
    z.object({
      id: z.string(),
      hostname: z.string(),
      status: z.string(),
      trialEndsAt: z.object({ before: z.string(), after: z.string() }),
      nextStep: z.object({ before: step, after: step }),
      isDueAtOnce: z.boolean(),
    }),
  ),
  cursor: z.string().optional(),
})
export type MovePage = z.infer<typeof pageSchema>
export type ChangedSite = MovePage['sites'][number]

export interface MoveRequest {
  readonly from: number
  readonly to: number
  readonly dryRun: boolean
  readonly reason: string
  readonly cursor?: string
}

/** One page of a move, as the operators' API does it. */
export type AskMove = (request: MoveRequest) => Promise<MovePage>

/** @throws {Error} that says what the API said. */
export const readMovePage = ({ status, json }: Pick<Answer, 'status' | 'json'>): MovePage => {
  if (status === 200) return pageSchema.parse(json)
  const said = z.object({ detail: z.string() }).safeParse(json)
  throw new Error(said.success ? said.data.detail : `The API answered ${status}.`)
}
