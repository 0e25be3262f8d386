import * as z from 'zod'

const machineSchema = z.object({
  StartAt: z.string(),
  States: z.record(z.string(), z.object({ Next: z.string().optional(), End: z.boolean().optional() })),
})

/**
 * The states that an execution passes through when nothing fails, in order.
 * @throws {Error} where the path leads to no state, or comes by one twice.
 */
export const happyPath = (definition: string): readonly string[] => {
  const { StartAt, States } = machineSchema.parse(JSON.parse(definition))
  const path: string[] = []
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    const state: { readonly Next?: string | undefined } | undefined = States[name]
    if (state === undefined || path.includes(name)) throw new Error(`the path ${path.join(', ')} has no end at ${name}`)
    path.push(name)
    name = state.Next
  }
  return path
}
