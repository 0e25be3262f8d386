import * as z from 'zod'

export const credentialsAnswers = {
  revealCredentials: {
    200: {
      description: 'The credentials. They are not shown again.',
      schema: z.strictObject({
        credentials: z.array(z.strictObject({ label: z.string(), user: z.string().nullable(), value: z.string() })),
      }),
    },
  },
}
