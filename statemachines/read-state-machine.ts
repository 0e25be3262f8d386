import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { StateMachineName } from '../core/ports/workflows.ts'

const definitionSchema = z.looseObject({
  StartAt: z.string(),
  States: z.record(z.string(), z.looseObject({ Type: z.string() })),
})

export type Definition = z.output<typeof definitionSchema>

/** One function may do several tasks, so each call names its state. */
const withTaskName = (name: string, state: Definition['States'][string]) =>
  state.Type === 'Task' ? { ...state, Parameters: { task: name, 'input.$': '$' } } : state

/** Reads a state machine of this folder, as it is deployed and as one machine runs it. */
export const readStateMachine = (machine: StateMachineName): Definition => {
  const text = readFileSync(new URL(`${machine}.asl.json`, import.meta.url), 'utf8')
  const definition = definitionSchema.parse(JSON.parse(text))
  const states = Object.entries(definition.States).map(([name, state]) => [name, withTaskName(name, state)])
  return { ...definition, States: Object.fromEntries(states) }
}
