import * as z from 'zod'

const drop = (value: unknown, { path, keys }: z.core.$ZodIssueUnrecognizedKeys): void => {
  let place = value
  for (const key of path) if (typeof place === 'object' && place !== null) place = Reflect.get(place, key)
  if (typeof place !== 'object' || place === null) return
  for (const key of keys) Reflect.deleteProperty(place, key)
}

/** Reads what another version sends: drops fields that this one does not know. */
export const loosely = <Read>(schema: z.ZodType<Read>): z.ZodType<Read> =>
  z.unknown().transform((sent, context) => {
    const read = schema.safeParse(sent)
    if (read.success) return read.data
    const known = structuredClone(sent)
    for (const issue of read.error.issues) if (issue.code === 'unrecognized_keys') drop(known, issue)
    const again = schema.safeParse(known)
    if (again.success) return again.data
    context.addIssue(again.error.message)
    return z.NEVER
  })
