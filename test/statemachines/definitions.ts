import { readdirSync, readFileSync } from 'node:fs'
import * as z from 'zod'

const retrierSchema = z.looseObject({ ErrorEquals: z.array(z.string()).min(1) })
const catcherSchema = z.looseObject({ ErrorEquals: z.array(z.string()).min(1), Next: z.string() })

const stateSchema = z.looseObject({
  Type: z.string(),
  Resource: z.string().optional(),
  Next: z.string().optional(),
  End: z.boolean().optional(),
  Retry: z.array(retrierSchema).optional(),
  Catch: z.array(catcherSchema).optional(),
})
export type State = z.infer<typeof stateSchema>

const definitionSchema = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), stateSchema) })
export type Definition = z.infer<typeof definitionSchema>

const folder = new URL('../../statemachines/', import.meta.url)

/** Every state machine there is, by name, as its file has it. */
export const definitions: readonly (readonly [string, Definition])[] = readdirSync(folder).map((file) => [
  file.replace(/\.asl\.json$/, ''),
  definitionSchema.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))),
])

export const tasksOf = (definition: Definition): readonly (readonly [string, State])[] =>
  Object.entries(definition.States).filter(([, { Type }]) => Type === 'Task')

/** The name in a `Resource` that is a placeholder, such as `StartSite` in `${StartSite}`. */
export const placeholderOf = ({ Resource = '' }: State): string | undefined => /^\$\{(\w+)\}$/.exec(Resource)?.[1]
