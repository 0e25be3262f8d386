import * as z from 'zod'

export const greetingAnswers = {
  getGreeting: {
    200: { description: 'The greeting.', schema: z.strictObject({ text: z.string(), at: z.iso.datetime() }) },
  },
}
