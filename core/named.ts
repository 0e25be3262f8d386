import * as z from 'zod'

/** An object that the description of the API shows by a name. */
export const named = <Shape extends z.core.$ZodLooseShape>(id: string, shape: Shape) =>
  z.strictObject(shape).meta({ id })
