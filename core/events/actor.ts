import * as z from 'zod'
import { idSchema } from '../ids.ts'

/** Each operation says which of them may use it. */
export const operatorRoles = ['support', 'sales', 'admin'] as const
export type OperatorRole = (typeof operatorRoles)[number]

export const actorSchema = () =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('system') }),
    z.strictObject({ kind: z.literal('owner'), personId: idSchema('prsn') }),
    /** By the subject of their token, never by their address. */
    z.strictObject({ kind: z.literal('operator'), operatorId: z.string(), role: z.enum(operatorRoles) }),
  ])
export type Actor = z.infer<ReturnType<typeof actorSchema>>
