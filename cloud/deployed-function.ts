import type { Context } from 'aws-lambda'
import type * as z from 'zod'

type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>

/**
 * A Lambda handler that is made on its first call, from what its environment says, and kept for the later ones. A first call
 * that fails leaves nothing behind: the next one tries again.
 * @throws {Error} on a call, naming each variable that is missing or wrong; never its value.
 */
export const deployedFunction = <Environment extends z.ZodObject, Event, Result>(
  environment: Environment,
  make: (environment: z.output<Environment>) => Promise<Handler<Event, Result>>,
): Handler<Event, Result> => {
  let made: Promise<Handler<Event, Result>> | undefined

  const prepare = async (): Promise<Handler<Event, Result>> => {
    const given = environment.safeParse(process.env)
    if (given.success) return make(given.data)
    const wrong = given.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new Error(`the environment of this function is not valid: ${wrong.join('; ')}`)
  }

  return async (event, context) => {
    made ??= prepare()
    try {
      return await (await made)(event, context)
    } catch (error) {
      // What was made stays; what could not be made is made anew.
      await made.catch(() => {
        made = undefined
      })
      throw error
    }
  }
}
